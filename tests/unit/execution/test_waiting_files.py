"""Payloads in files wait as long as their jobs do."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.filing import BIG, DAY, enqueue, raising
from tests.unit.execution.morgue import Morgue
from tests.unit.execution.unreliable import UnreliableBlobs
from workerless import Fixed, OnUnknownOutcome, Snooze, State
from workerless.errors import BlobNotFoundError, BlobsUnavailableError
from workerless.handle import Job

HOLD = replace(TASK, batch_size=1, on_unknown_outcome=OnUnknownOutcome.HOLD)


@pytest.mark.parametrize(
    "act",
    [lambda: Snooze(6 * DAY), lambda: Snooze(100 * DAY)],
    ids=["many short waits", "one long wait"],
)
def test_payload_waits_as_long_as_its_job(
    bench: Bench, files: UnreliableBlobs, act: Callable[[], BaseException]
) -> None:
    snoozes = [act() for _ in range(12)]

    def perform(task: Task) -> Done:
        if snoozes:
            raise snoozes.pop()
        return Done(text=task.text)

    bench.handle(perform)
    job = enqueue(bench)

    bench.drain()

    assert job.status().result == Done(text=BIG)


def test_rescheduled_job_finds_its_payload(bench: Bench, files: UnreliableBlobs) -> None:
    job = enqueue(bench, delay=DAY)

    bench.client.reschedule(job.id, 500 * DAY)
    bench.drain()

    assert job.status().result == Done(text=BIG)


def test_job_waits_no_longer_than_its_payload_surely_lasts(
    bench: Bench, files: UnreliableBlobs
) -> None:
    bench.handle(raising(Snooze(100 * DAY)))
    job = enqueue(bench)
    files.down = frozenset({"extend"})

    bench.deliver()

    status = job.status()
    assert (status.state, status.attempt) == (State.SCHEDULED, 0)
    assert status.run_at == bench.clock.now() + 30 * DAY
    with pytest.raises(BlobsUnavailableError):
        bench.client.reschedule(job.id, 500 * DAY)
    assert job.status().run_at == status.run_at


def test_failed_attempt_is_spent_though_its_payload_cannot_be_kept(
    make_bench: Callable[..., Bench],
) -> None:
    """However long files do not answer, a job starts no more often than its attempts."""
    patient = replace(TASK, retry=Fixed(attempts=3, delay=8 * DAY, cap=8 * DAY))
    bench = make_bench(job_type=patient)
    starts: list[int] = []

    def fails(_task: Task) -> Done:
        starts.append(1)
        raise RuntimeError("always")

    bench.handle(fails)
    job = bench.client.enqueue(patient, Task(text=BIG))
    bench.blobs.down = frozenset({"extend"})

    bench.drain()

    assert (job.status().failed_reason, len(starts)) == ("attempts_exhausted", 3)
    assert len(job.status().errors) == 3


def test_job_whose_payload_is_gone_may_still_be_told_to_wait(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench)
    files.delete(files.keys()[0])

    bench.client.reschedule(job.id, 100 * DAY)

    with pytest.raises(BlobNotFoundError):
        files.extend("payloads/task/job-1/gone", keep=DAY)
    assert job.status().run_at == bench.clock.now() + 100 * DAY


def _dies(bench: Bench) -> Job[Any]:
    """A claim-checked job of a type that holds those whose attempt died."""
    morgue = Morgue(bench)
    (job,) = morgue.enqueue(BIG)
    morgue.telemetry.killers.add(job.id)
    morgue.invoke()
    morgue.telemetry.killers.clear()
    bench.clock.advance(HOLD.visibility_timeout)
    return job


def test_held_job_finds_its_payload_after_most_of_a_year(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(job_type=HOLD)
    job = _dies(bench)
    bench.deliver()
    bench.clock.advance(300 * DAY)

    bench.client.promote(job.id)
    bench.drain()

    assert job.status().result == Done(text=BIG)


def test_job_is_not_held_while_its_payload_cannot_be(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(job_type=HOLD)
    job = _dies(bench)
    bench.blobs.down = frozenset({"extend"})

    assert len(bench.deliver()) == 1
    assert bench.record(job.id).state is State.PROCESSING
    bench.blobs.down = frozenset()
    bench.drain()

    assert bench.record(job.id).state is State.HELD
