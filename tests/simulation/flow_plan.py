"""Schedules in which gates hold jobs back: those of ``plan``, with flow control declared."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.simulation.job import Act, Task
from tests.simulation.plan import Plan, draw_plan, tracked_as
from workerless import Concurrency, OnConflict, RateLimit, Tracking

_CONFLICTS = (*(OnConflict.WAIT,) * 6, *OnConflict)
_CROWD = 12


def draw_flow_plan(seed: int) -> Plan:
    """By dice of its own. Gates need records, so nothing is untracked."""
    dice = Random(f"flow {seed}")
    tracking = Tracking.LEAN if dice.random() < 0.2 else Tracking.FULL
    plan = tracked_as(tracking, draw_plan(dice))
    keyed = _keyed(replace(plan, turns=dice.random() < 0.5), Random(f"keys {seed}"))
    return _limited(keyed, Random(f"rates {seed}"))


def _limited(plan: Plan, dice: Random) -> Plan:
    """With up to two rate limits. A clock is off by no more than the law allows, 1 %.

    Not in a crowd at a concurrency key: hardly two of its jobs would run at once.
    """
    if len(plan.jobs) == _CROWD or dice.random() < 0.5:
        return plan
    hour = timedelta(hours=1)
    narrow = RateLimit(dice.randint(1, 3), per=hour)
    wide = RateLimit(dice.randint(2, 9), per=2 * hour, burst=2, name="wide")
    limits = dice.choice(((narrow,), (wide, narrow)))
    return replace(plan, job_type=replace(plan.job_type, rate_limits=limits))


def _keyed(plan: Plan, dice: Random) -> Plan:
    """Half of all schedules have a concurrency key; in half of these all jobs come at once."""
    if dice.random() < 0.5:
        return plan
    rule = Concurrency(
        1
        if (conflict := dice.choice(_CONFLICTS)) is OnConflict.CANCEL_OLD
        else dice.choice((1, 2)),
        key=dice.choice((None, even_or_odd)),
        on_conflict=conflict,
    )
    keyed = replace(plan, job_type=replace(plan.job_type, concurrency_key=rule))
    return _crowded(keyed, dice) if dice.random() < 0.5 else keyed


def _crowded(plan: Plan, dice: Random) -> Plan:
    """Twelve jobs at once that take their time."""
    more = [job for _ in range(_CROWD) for job in draw_plan(dice).jobs][:_CROWD]
    jobs = tuple(
        replace(
            job,
            text=f"text-{number}",
            delay=timedelta(0),
            acts=(*job.acts[:1], Act.TAKE_LONG),
            last=Act.TAKE_LONG,
            attempts=None,
        )
        for number, job in enumerate(more)
    )
    job_type = replace(plan.job_type, batch_size=1)
    return replace(plan, job_type=job_type, jobs=jobs, environments=4)


def even_or_odd(task: Task) -> str:
    """A key that about half of the jobs share."""
    return ("even", "odd")[sum(task.text.encode()) % 2]
