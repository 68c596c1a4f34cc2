"""Jobs in lanes, in worlds that go wrong: all other promises hold, and each job keeps its lane.

``LANES_SEED=7`` plays one schedule and prints its trace, ``LANES_COUNT=20000`` as many.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.simulation.checkers import WITH_SWEEPER, broken
from tests.simulation.history import History, Sent
from tests.simulation.mutant import Mutant
from tests.simulation.plan import Plan, Way, contested, draw_plan, tracked_as
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World
from workerless import TIERS, Tracking, sending
from workerless.execution import lane, letter_step
from workerless.payload import digest
from workerless.testing.directory import InMemoryDirectory

_COUNT = int(os.environ.get("LANES_COUNT", "300"))
_SEED = os.environ.get("LANES_SEED")
# Schedules within which a mutant is caught.
_TRIES = 200


def draw_lane_plan(seed: int) -> Plan:
    """By dice of its own. The jobs of one call are in one lane."""
    dice = Random(f"lanes {seed}")
    tracking = Tracking.LEAN if dice.random() < 0.3 else Tracking.FULL
    plan = tracked_as(tracking, draw_plan(dice))
    together = dice.choice(list(TIERS.weights))
    jobs = tuple(
        replace(job, lane=together if job.way is Way.BATCH else dice.choice(list(TIERS.weights)))
        for job in plan.jobs
    )
    job_type = replace(plan.job_type, lanes=TIERS, concurrency=max(plan.job_type.concurrency, 6))
    return replace(plan, job_type=job_type, jobs=jobs)


def each_job_keeps_its_lane(history: History, plan: Plan) -> Iterator[str]:
    """Whatever is sent of it, by whomever.

    But for bare messages that SQS moved before any worker saw them: nothing says where they were,
    and they are of the default lane from then on.
    """
    directory = InMemoryDirectory()
    address = directory.add(plan.job_type.name, lanes=plan.job_type.lanes)
    wanted = {
        said: (address.lanes[job.lane or ""], job.way)
        for job in plan.jobs
        for text in (job.text, contested(job.text))
        for said in (text, digest(job.task(text).model_dump()))
    }
    for sent in history.of(Sent):
        if sent.is_letter or sent.text not in wanted:
            continue
        queue, way = wanted[sent.text]
        is_unknown = way is Way.BARE and sent.queue == address.queue
        if sent.queue != queue and not is_unknown:
            yield f"{sent.job_id} is sent to {sent.queue} by {sent.by}, not to {queue}"


def play(seed: int) -> tuple[History, list[str]]:
    plan = draw_lane_plan(seed)
    history = World(seed, plan=plan, sweep=sweep_all, operated=True).run()
    return history, [*broken(history, WITH_SWEEPER), *each_job_keeps_its_lane(history, plan)]


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
def test_no_schedule_with_lanes_breaks_a_promise() -> None:
    sent: set[str] = set()
    for seed in range(_COUNT):
        history, problems = play(seed)
        again = f"again: LANES_SEED={seed} pytest tests/simulation/test_lanes.py"
        assert problems == [], f"{history.trace()}\n\n{problems}\n{again}"
        sent |= {one.by.rpartition("-")[0] for one in history.of(Sent) if not one.is_letter}

    assert {"producer", "worker", "sweeper"} <= sent


@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
def test_one_schedule_with_lanes_breaks_no_promise(capsys: pytest.CaptureFixture[str]) -> None:
    history, problems = play(int(_SEED or 0))

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert problems == []


def _to_the_default_lane(address: Any, _lane: Any) -> str:
    queue: str = address.queue
    return queue


def _as_they_are(ports: Any, *_: Any) -> Any:
    return ports


MUTANTS = (
    Mutant(
        fault="sends everything into the default lane",
        owner=sending,
        name="queue_of",
        by=_to_the_default_lane,
    ),
    Mutant(fault="answers to the default lane", owner=lane, name="at_lane", by=_as_they_are),
    Mutant(
        fault="returns letters into the default lane",
        owner=letter_step,
        name="queue_of",
        by=_to_the_default_lane,
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_mutant_of_lanes_is_caught(mutant: Mutant) -> None:
    with mutant.at_work():
        caught = any(play(seed)[1] for seed in range(_TRIES))

    assert caught, f"{mutant.fault} survives {_TRIES} schedules"
