"""The mill."""

from functions.milled.job import Flour, Grain, milled

from workerless.worker import worker


@worker(milled)
def handler(grain: Grain) -> Flour:
    """Grind it."""
    if grain.fails:
        raise ValueError("stones")
    return Flour(n=grain.n + 1)
