"""One schedule's worth of decisions, all drawn from its seed before anything happens.

Each fault is switched on or off by itself, so that some schedules meet a single kind again and
again, and others a bit of everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from tests.simulation.fault import Fault
from tests.simulation.job import EVERYDAY, LONG, Act, SimulatedType, Task, job_type
from workerless import Fixed, Jitter, OnUnknownOutcome, Tracking
from workerless.limits import MAX_DELAY

_RATES = (0.0, 0.0, 0.03, 0.1)
_MAX_SKEW_SECONDS = 25


_DELAYS = (
    *(timedelta(0), timedelta(0), timedelta(0), timedelta(seconds=30), timedelta(seconds=900)),
    *(timedelta(minutes=16), timedelta(days=30)),
)


_REPEATED = (OnUnknownOutcome.RETRY,)
_UNKNOWN_OUTCOMES = (*_REPEATED, *OnUnknownOutcome)
# A payload that no message takes, and a result that no record could hold if need be.
_BIG = 200_000
# Some messages blow their fuse once, some until their job is given up.
_THROTTLES = (timedelta(minutes=40), timedelta(hours=2), timedelta(hours=8))


class Way(StrEnum):
    """How a job gets into the queue."""

    CLIENT = "client"
    BATCH = "client, in one call"
    MEMBER = "member of a batch"  # others add it
    FOREIGN = "foreign"
    BARE = "bare"
    GARBAGE = "what nobody can read"


_WAYS = (
    *((Way.CLIENT,) * 6 + (Way.BATCH,) * 6),
    *((Way.FOREIGN,) * 3 + (Way.BARE,) * 3 + (Way.GARBAGE,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """One job: what its handler does at each start (then ``last``), and what its caller does.

    ``forgotten_after`` is when its record is deleted under it.
    """

    text: str
    way: Way
    acts: tuple[Act, ...]
    last: Act
    attempts: int | None
    delay: timedelta
    is_sent_twice: bool
    is_contested: bool
    cancelled_after: timedelta | None
    rescheduled_to: timedelta | None
    padding: int
    is_lost: bool
    forgotten_after: timedelta | None = None
    enqueued_after: timedelta = timedelta(0)
    expires_in: timedelta | None = None
    lane: str | None = None

    def task(self, text: str) -> Task:
        """Its payload, or another's under the same id."""
        return Task(text=text, padding="x" * self.padding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One schedule. ``zombies`` is how many of those past their timeout live on.

    Until ``throttled_for`` is over the function is never invoked: receives come to nothing. With
    ``turns`` a gate is shut now and then.
    """

    job_type: SimulatedType
    is_async: bool
    jobs: tuple[JobPlan, ...]
    environments: int
    max_skew: timedelta
    rates: Mapping[Fault, float]
    budget: int
    zombies: float
    throttled_for: timedelta = timedelta(0)
    turns: bool = False


# What goes on for ever needs an end: a start beyond the script does one of these.
_LASTS = (
    *(Act.SUCCEED, Act.SUCCEED, Act.SUCCEED, Act.RAISE, Act.KILL, Act.DISCARD, Act.FAIL),
    Act.OVERSLEEP_AND_RAISE,
)
_ACTS = (
    Act.RAISE,
    Act.RAISE,
    Act.SNOOZE,
    Act.KILL,
    Act.TELL,
    Act.TELL,
    Act.STEP,
    Act.STEP_AND_RAISE,
    Act.STEP_AND_RAISE,
    *EVERYDAY,
)


def draw_plan(rng: Random) -> Plan:
    """A schedule at random."""
    attempts = rng.randint(1, 3)
    batch_size = rng.choice((1, 3, 10))
    is_wild = rng.random() < 0.9
    return Plan(
        job_type=job_type(
            attempts=attempts,
            batch_size=batch_size,
            dead_letter=rng.random() < 0.8,
            backoff=timedelta(seconds=rng.choice((10, 10, 3_600))),
            on_unknown_outcome=rng.choice(_UNKNOWN_OUTCOMES if batch_size == 1 else _REPEATED),
        ),
        is_async=rng.random() < 0.2,
        jobs=tuple(_draw_job(number, attempts, rng) for number in range(rng.randint(1, 6))),
        environments=rng.randint(1, 4),
        max_skew=timedelta(seconds=rng.choice((0, 0, _MAX_SKEW_SECONDS))),
        rates={fault: rng.choice(_RATES) if is_wild else 0.0 for fault in Fault},
        budget=rng.choice((2, 5, 15, 40)),
        zombies=rng.choice((0.0, 0.5, 1.0)),
        throttled_for=rng.choice(_THROTTLES) if rng.random() < 0.1 else timedelta(0),
    )


def lengthened(plan: Plan, rng: Random) -> Plan:
    """The same schedule, in which some jobs are long and keep checkpoints."""
    acts = (*LONG, Act.CONTINUE, Act.CONTINUE, Act.RAISE, Act.KILL, Act.SNOOZE)
    jobs = tuple(
        replace(job, acts=tuple(rng.choice(acts) for _ in range(rng.randint(1, 6))))
        if rng.random() < 0.25
        else job
        for job in plan.jobs
    )
    return replace(plan, jobs=jobs)


def draw_tracking(rng: Random) -> Tracking:
    """Full mostly: the others do without some of its steps, and promise less."""
    (tracking,) = rng.choices(tuple(Tracking), weights=[7, 2, 1])
    return tracking


def tracked_as(tracking: Tracking, plan: Plan) -> Plan:
    """The same schedule under another ``tracking``, without what that refuses."""
    if tracking is not Tracking.OFF:
        return replace(plan, job_type=replace(plan.job_type, tracking=tracking))
    soon = timedelta(seconds=10)
    retry = Fixed(attempts=plan.job_type.retry.attempts, delay=soon, cap=soon, jitter=Jitter.FULL)
    untracked = replace(
        plan.job_type,
        tracking=tracking,
        result=None,
        cursor=None,
        retry=retry,
        on_unknown_outcome=OnUnknownOutcome.RETRY,
    )
    jobs = tuple(replace(job, delay=min(job.delay, MAX_DELAY)) for job in plan.jobs)
    return replace(plan, job_type=untracked, jobs=jobs)


def contested(text: str) -> str:
    """What another caller wants done under the same id."""
    return f"{text}, contested"


def _draw_job(number: int, attempts: int, rng: Random) -> JobPlan:
    acts, last = _draw_script(rng)
    way = rng.choice(_WAYS)
    is_big = way not in (Way.BARE, Way.GARBAGE) and rng.random() < 0.2
    return JobPlan(
        text=f"text-{number}",
        way=way,
        acts=acts,
        last=last,
        attempts=rng.randint(1, attempts) if rng.random() < 0.2 else None,
        delay=rng.choice(_DELAYS),
        is_sent_twice=rng.random() < 0.15,
        is_contested=rng.random() < 0.1,
        cancelled_after=timedelta(seconds=rng.randrange(60)) if rng.random() < 0.15 else None,
        rescheduled_to=rng.choice(_DELAYS) if rng.random() < 0.15 else None,
        padding=_BIG if is_big else 0,
        is_lost=is_big and rng.random() < 0.2,
        forgotten_after=timedelta(seconds=rng.randrange(90)) if rng.random() < 0.02 else None,
    )


def _draw_script(rng: Random) -> tuple[tuple[Act, ...], Act]:
    """Half of all jobs just succeed; a few wait so long that no message lasts."""
    kind = rng.random()
    if kind < 0.5:
        return (), Act.SUCCEED
    last = rng.choice(_LASTS)
    if kind < 0.55:
        return (rng.choice((Act.SNOOZE, Act.SNOOZE, Act.SNOOZE_LONG)),) * rng.randint(8, 16), last
    return tuple(rng.choice(_ACTS) for _ in range(rng.randint(1, 4))), last
