"""What the simulation has found, each as small as it gets, with the seed that found it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulation.survey import play
from tests.unit.execution.bench import Bench, Done, Task
from workerless import Fixed, Hooks, JobType, State
from workerless.execution.context import JobContext
from workerless.record import Lease
from workerless.transition import Claim, Finish

ONCE = JobType(
    name="once",
    payload=Task,
    result=Done,
    retry=Fixed(attempts=1, delay=timedelta(seconds=10)),
    timeout=timedelta(seconds=5),
    batch_size=1,
)


# Those of the second kind are played without a sweeper, which would mend what they broke.
SEEDS = (
    24,
    53,
    86,
    104,
    137,
    141,
    13757,
    16320,
    19549,
    20709,
    25910,
    30203,
    28051,
    32177,
    36254,
    38843,
    46338,
    46803,
    47915,
    49283,
)
UNSWEPT = (3056, 5389, 9667, 11983, 12017)


@pytest.mark.parametrize("seed", [*SEEDS, *UNSWEPT])
def test_seeds_that_once_broke_a_promise(seed: int) -> None:
    assert play(seed, sweeps=seed in SEEDS, operated=False, long=False)[1] == []


def test_last_attempt_that_was_given_up_does_not_take_that_end_for_its_own() -> None:
    """It slept through its lease; another delivery failed the job as ``crash_loop`` meanwhile.

    That end is signed with the sleeper's own token. When the sleeper then raised, it believed its
    own write had won: ``on_failed`` ran twice, and a second dead letter named another reason.
    """
    bench, other = Bench(job_type=ONCE), Bench(job_type=ONCE)
    failures: list[str] = []
    hooks = Hooks(on_failed=lambda job, reason, error: failures.append(reason))

    def sleeps_through_its_lease(payload: Task, job: JobContext) -> Done:
        bench.clock.advance(ONCE.visibility_timeout + timedelta(seconds=60))
        other.deliver()
        raise RuntimeError("too late")

    bench.handle(sleeps_through_its_lease, hooks=[hooks])
    other.store, other.queue, other.clock = bench.store, bench.queue, bench.clock
    other.handle(sleeps_through_its_lease, hooks=[hooks])
    job = bench.client.enqueue(ONCE, Task())

    kept = bench.deliver()

    assert len(kept) == 1
    assert failures == ["crash_loop"]
    assert (job.status().state, job.status().failed_reason) == (State.FAILED, "crash_loop")
    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == ["crash_loop"]
    bench.close()
    other.close()


def test_two_who_find_a_last_attempt_dead_do_not_both_end_it() -> None:
    """Each signs with the dead attempt's token, so the second took the first's end for its own."""
    bench = Bench(job_type=ONCE)
    job = bench.client.enqueue(ONCE, Task(), job_id="job")
    now = bench.clock.now()
    lease = Lease(token=f"of {job.id}", until=now, alone=True)
    claim = Claim(job_id="job", job_type=ONCE.name, lease=lease, now=now)
    held = bench.store.claim_many([claim])[0].record
    assert held is not None
    end = Finish(held=held, state=State.FAILED, at=now, reason="crash_loop")

    won = bench.store.finish_many([end, replace(end, at=now + timedelta(milliseconds=5))])

    assert won == [True, False]
