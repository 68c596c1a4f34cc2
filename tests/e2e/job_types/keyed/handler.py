"""Takes as long as it is told to."""

import time

from functions.keyed.job import Keyed, Span, keyed

from workerless.worker import worker


def perform(payload: Keyed) -> Span:
    """Sleep."""
    began = time.time()
    time.sleep(payload.seconds)
    return Span(began=began, ended=time.time())


handler = worker(keyed)(perform)
