"""Does nothing, once."""

from functions.forgotten.job import Forgotten, forgotten

from workerless.worker import worker


def perform(_payload: Forgotten) -> None:
    """Return at once."""


handler = worker(forgotten)(perform)
