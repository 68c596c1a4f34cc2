"""Does nothing."""

from functions.revived.job import Revived, revived

from workerless.worker import worker


def perform(_payload: Revived) -> None:
    """Return at once."""


handler = worker(revived)(perform)
