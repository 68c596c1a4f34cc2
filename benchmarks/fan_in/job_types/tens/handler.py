"""Counts on."""

from functions.tens.job import Flour, Grain, tens

from workerless.worker import worker


@worker(tens)
def handler(grain: Grain) -> Flour:
    """Add one."""
    return Flour(n=grain.n + 1)
