"""Adds up."""

from functions.gathered.job import Gathered, Sum, gathered

from workerless.worker import worker


@worker(gathered)
def handler(told: Sum) -> Gathered:
    """Add."""
    return Gathered(total=sum(told.ns))
