"""Does nothing."""

from functions.noop.job import Noop, noop

from workerless.worker import worker


def perform(_payload: Noop) -> None:
    """Return at once."""


handler = worker(noop)(perform)
