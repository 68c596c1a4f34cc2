"""Results that are too big for a record."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.filing import BIG, DAY, HUGE, enqueue
from tests.unit.execution.unreliable import UnreliableBlobs
from workerless import State
from workerless.errors import BlobsUnavailableError, ResultMissingError


def test_result_between_both_limits_stays_in_its_record(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench, "x" * (100_000 - len('{"text":""}')))

    bench.drain()

    assert files.keys() == []
    assert isinstance(bench.record(job.id).result, str)


def test_result_that_cannot_be_filed_is_crammed_into_its_record(
    bench: Bench, files: UnreliableBlobs
) -> None:
    bench.handle(lambda task: Done(text=task.text[:150_000]))
    job = enqueue(bench)
    files.down = frozenset({"put"})

    bench.drain()

    assert isinstance(bench.record(job.id).result, str)
    assert job.status().result == Done(text=BIG[:150_000])


def test_result_that_no_record_holds_either_costs_an_attempt(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench, HUGE)
    files.down = frozenset({"put"})

    bench.deliver()
    after_the_first = job.status()
    files.down = frozenset()
    bench.drain()

    assert after_the_first.state is State.RETRYING
    assert after_the_first.errors[0].error_type == "BlobsUnavailableError"
    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 2)
    assert job.status().result == Done(text=HUGE)


@pytest.mark.parametrize("data", [None, b'{"text":"another"}'])
def test_result_that_is_gone_says_so_and_its_job_stays_completed(
    bench: Bench, files: UnreliableBlobs, data: bytes | None
) -> None:
    job = enqueue(bench)
    bench.drain()
    (key,) = [key for key in files.keys() if key.startswith("results/")]  # noqa: SIM118 -- no mapping

    files.delete(key)
    if data is not None:
        files.put(key, data, keep=DAY)

    with pytest.raises(ResultMissingError, match="job 'job-1' completed, but its result"):
        job.status()
    assert bench.record(job.id).state is State.COMPLETED


def test_handle_says_when_files_do_not_answer(bench: Bench, files: UnreliableBlobs) -> None:
    job = enqueue(bench)
    files.down = frozenset({"get"})

    with pytest.raises(BlobsUnavailableError):
        job.status()


def test_result_of_an_attempt_that_was_taken_over_overwrites_no_other(
    bench: Bench, make_bench: Callable[..., Bench]
) -> None:
    """Each attempt writes under its own token; the record names the one that counts."""
    other = make_bench(clock=bench.clock, tokens=bench.tokens)
    other.store, other.queue, other.blobs = bench.store, bench.queue, bench.blobs

    def sleeps_through_its_lease(_task: Task) -> Done:
        bench.clock.advance(TASK.visibility_timeout + timedelta(seconds=60))
        other.deliver()
        return Done(text="old" * 60_000)

    bench.handle(sleeps_through_its_lease)
    other.handle(lambda _task: Done(text="new" * 60_000))
    job = bench.client.enqueue(TASK, Task())

    bench.deliver()

    assert job.status().result == Done(text="new" * 60_000)
    assert len([key for key in bench.blobs.keys() if key.startswith("results/")]) == 2  # noqa: SIM118
