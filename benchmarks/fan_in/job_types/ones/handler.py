"""Counts on."""

from functions.ones.job import Flour, Grain, ones

from workerless.worker import worker


@worker(ones)
def handler(grain: Grain) -> Flour:
    """Add one."""
    return Flour(n=grain.n + 1)
