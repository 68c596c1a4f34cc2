"""Takes two seconds."""

import time

from functions.swelling.job import Swell, swelling

from workerless.worker import worker


def perform(_swell: Swell) -> None:
    """Long enough for somebody to look at those that wait."""
    time.sleep(2)


handler = worker(swelling)(perform)
