"""Schedules of unique jobs: few keys, many callers, and calls at any time of the job before."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.simulation.plan import Plan, Way, draw_plan
from workerless import Debounce, OnDuplicate, Unique, Until
from workerless.flow.unique import Uniqueness

_BY = ("padding",)
RULES: tuple[Uniqueness, ...] = (
    Unique(by=_BY, until=Until.DONE),
    Unique(by=_BY, until=Until.STARTED),
    Unique(by=_BY, until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE),
    Unique(by=_BY, until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST),
    Debounce(by=_BY, wait=timedelta(seconds=20)),
    Debounce(by=_BY, wait=timedelta(seconds=20), leading=True, max_delay=timedelta(seconds=50)),
)
_JOBS = 9
_LATEST = 90


def draw_unique(seed: int) -> Plan:
    """A schedule under one of the rules. No payload is lost, and no record: nobody could tell."""
    rng = Random(f"unique {seed}")
    rule = RULES[seed % len(RULES)]
    plan = draw_plan(rng)
    drawn = [job for _ in range(_JOBS) for job in draw_plan(rng).jobs[:1]]
    jobs = tuple(
        replace(
            job,
            text=f"text-{number}",
            way=Way.BATCH if rng.random() < 0.3 else Way.CLIENT,
            delay=timedelta(0) if isinstance(rule, Debounce) else job.delay,
            padding=int(rng.random() < 0.3),
            is_lost=False,
            is_contested=False,
            attempts=None,
            forgotten_after=None,
            rescheduled_to=None,
            enqueued_after=timedelta(seconds=rng.randrange(_LATEST)),
        )
        for number, job in enumerate(drawn)
    )
    return replace(plan, job_type=replace(plan.job_type, unique=rule), jobs=jobs)
