"""Jobs that kill their process, beside jobs that do nothing wrong, and no other fault at all."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from tests.simulation.checkers import WITHOUT_SWEEPER, broken
from tests.simulation.fault import Fault
from tests.simulation.job import Act, job_type
from tests.simulation.plan import JobPlan, Plan, Way
from tests.simulation.world import World
from workerless.states import State


def a_job(text: str, last: Act) -> JobPlan:
    return JobPlan(
        text=text,
        way=Way.BATCH,
        acts=(),
        last=last,
        attempts=None,
        delay=timedelta(0),
        is_sent_twice=False,
        is_contested=False,
        cancelled_after=None,
        rescheduled_to=None,
        padding=0,
        is_lost=False,
    )


def a_calm_plan(jobs: Sequence[JobPlan], *, is_async: bool) -> Plan:
    return Plan(
        job_type=job_type(
            attempts=3, batch_size=10, dead_letter=True, backoff=timedelta(seconds=10)
        ),
        is_async=is_async,
        jobs=tuple(jobs),
        environments=2,
        max_skew=timedelta(0),
        rates=dict.fromkeys(Fault, 0.0),
        budget=0,
        zombies=0.0,
    )


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_neighbours_of_killers_complete_in_their_first_attempt(
    seed: int, *, is_async: bool
) -> None:
    killers = Random(seed).randint(1, 3)
    jobs = [a_job(f"killer-{number}", Act.KILL) for number in range(killers)]
    jobs += [a_job(f"innocent-{number}", Act.SUCCEED) for number in range(6)]

    history = World(seed, plan=a_calm_plan(jobs, is_async=is_async)).run()

    assert broken(history, WITHOUT_SWEEPER) == []
    ends = history.rest().records.values()
    innocents = [record for record in ends if "innocent" in record.body]
    assert [(one.state, one.attempt) for one in innocents] == [(State.COMPLETED, 1)] * 6
    guilty = [record for record in ends if "killer" in record.body]
    assert [(one.state, one.reason) for one in guilty] == [(State.FAILED, "crash_loop")] * killers
