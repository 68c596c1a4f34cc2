"""Jobs under rate limits, through the whole pipeline on a stage in memory."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from workerless import JobType, Payload, RateLimit, State
from workerless.errors import StoreUnavailableError
from workerless.flow.pacing import Ask, Step
from workerless.flow.settings import FlowSettings, Override
from workerless.flow_ports import Stepped
from workerless.testing.flow.rates import InMemoryRates
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Call(Payload):
    """Call somebody's API."""

    customer: str = "c1"


@pytest.fixture
def started() -> list[datetime]:
    return []


def a_stage(started: list[datetime], *limits: RateLimit) -> tuple[InMemoryStage, Any]:
    call = JobType(name="call", payload=Call, rate_limits=limits, batch_size=10)
    stage = InMemoryStage()

    def perform(_call: Call) -> None:
        started.append(stage.clock.now())

    stage.use(worker(call)(perform))
    return stage, call


@pytest.mark.parametrize("per", [SECOND, MINUTE, timedelta(hours=1)])
def test_jobs_over_the_limit_wait_spend_nothing_and_all_run(
    started: list[datetime], per: timedelta
) -> None:
    stage, call = a_stage(started, RateLimit(3, per=per))
    with stage:
        jobs = [stage.client.enqueue(call, Call()) for _ in range(20)]

        stage.run_all()

        assert {job.status().state for job in jobs} == {State.COMPLETED}
        assert {job.status().attempt for job in jobs} == {1}
    assert len(started) == 20
    assert all(later - early >= per for early, later in zip(started, started[3:], strict=False))
    assert started[-1] - started[0] < 20 * per / 3 * 1.2


def test_a_raised_limit_holds_for_new_jobs_at_once_and_for_promoted_ones(
    started: list[datetime],
) -> None:
    stage, call = a_stage(started, RateLimit(1, per=timedelta(hours=1)))
    with stage:
        jobs = [stage.client.enqueue(call, Call()) for _ in range(8)]
        stage.advance(5 * SECOND)
        raised = Override(by="ada", at=stage.clock.now(), why="x", limit=20, per=SECOND)
        settings = FlowSettings(overrides={"rate:call": raised})
        assert stage.doubles.flow.settings.save("call", settings)

        for job in jobs[1:]:
            stage.client.promote(job.id)
        stage.client.enqueue(call, Call())
        stage.advance(10 * SECOND)

    assert len(started) == 9


def test_two_limits_hold_together(started: list[datetime]) -> None:
    limits = RateLimit(5, per=SECOND), RateLimit(20, per=MINUTE, name="slow")
    stage, call = a_stage(started, *limits)
    with stage:
        for _ in range(60):
            stage.client.enqueue(call, Call())

        stage.run_all()

    assert len(started) == 60
    for count, per in ((5, SECOND), (20, MINUTE)):
        pairs = zip(started, started[count:], strict=False)
        assert all(later - early >= per for early, later in pairs)


def test_a_job_waits_while_the_limiter_cannot_be_asked(started: list[datetime]) -> None:
    stage, call = a_stage(started, RateLimit(3, per=SECOND))
    broken = _Broken(down=True)
    stage.doubles.flow.rates = broken
    with stage:
        job = stage.client.enqueue(call, Call())

        stage.drain()

        assert started == []
        assert (job.status().state, job.status().attempt) == (State.SCHEDULED, 0)
        broken.down = False
        stage.run_all()
    assert len(started) == 1


class _Broken(InMemoryRates):
    """A table that is down for a while."""

    def __init__(self, *, down: bool) -> None:
        super().__init__()
        self.down = down

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        if self.down:
            raise StoreUnavailableError("no answer")
        return super().take(limiter, step, ask)


def test_limits_of_random_rates_hold_on_a_stage() -> None:
    dice = Random(3)
    for _ in range(10):
        started: list[datetime] = []
        limit, per = dice.randint(1, 8), timedelta(seconds=dice.choice([1, 5, 90]))
        burst = dice.randint(1, limit)
        stage, call = a_stage(started, RateLimit(limit, per=per, burst=burst))
        with stage:
            for _ in range(30):
                stage.client.enqueue(call, Call(), delay=timedelta(seconds=dice.randrange(20)))
            stage.run_all()
        assert len(started) == 30
        pairs = zip(started, started[limit:], strict=False)
        assert all(later - early >= per for early, later in pairs)
