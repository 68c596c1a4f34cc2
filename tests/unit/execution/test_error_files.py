"""Errors whose texts are cut in the record."""

from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.filing import enqueue, raising
from tests.unit.execution.unreliable import UnreliableBlobs
from workerless import Fail, State


@pytest.mark.parametrize("error", [RuntimeError("e" * 501), Fail("e" * 501)])
def test_error_that_is_cut_can_be_read_in_full(
    bench: Bench, files: UnreliableBlobs, error: BaseException
) -> None:
    bench.handle(raising(error))
    job = enqueue(bench, "short")

    bench.deliver()

    (told,) = job.status().errors
    assert told.message == "e" * 500
    assert told.details == "errors/task/job-1/1-token-1.txt"
    assert "e" * 501 in job.error_text(told)
    assert "raise error" in job.error_text(told)


def test_whole_text_names_the_errors_an_error_came_from(
    bench: Bench, files: UnreliableBlobs
) -> None:
    def perform(_: Task) -> Done:
        raise RuntimeError("second") from KeyError("first")

    bench.handle(perform)
    job = enqueue(bench, "short")

    bench.deliver()

    (told,) = job.status().errors
    assert "KeyError: 'first'" in job.error_text(told)


def test_short_error_has_no_file(bench: Bench, files: UnreliableBlobs) -> None:
    bench.handle(raising(RuntimeError("short")))
    job = enqueue(bench, "short")

    bench.deliver()

    (told,) = job.status().errors
    assert files.keys() == []
    assert "RuntimeError: short" in job.error_text(told)


def test_lost_error_text_is_what_the_record_has(bench: Bench, files: UnreliableBlobs) -> None:
    bench.handle(raising(RuntimeError("e" * 501)))
    job = enqueue(bench, "short")
    bench.deliver()
    files.delete("errors/task/job-1/1-token-1.txt")

    (told,) = job.status().errors
    assert job.error_text(told).startswith("RuntimeError: " + "e" * 500 + "\n")


@pytest.mark.parametrize("how", ["down", "no time"])
def test_attempt_is_settled_whatever_becomes_of_its_errors_file(
    bench: Bench, files: UnreliableBlobs, how: str
) -> None:
    def perform(_: Task) -> Done:
        if how == "no time":
            bench.clock.advance(timedelta(seconds=11))
        raise RuntimeError("e" * 501)

    bench.handle(perform)
    job = enqueue(bench, "short")
    files.down = frozenset({"put"} if how == "down" else ())

    bench.deliver()

    (told,) = job.status().errors
    assert (job.status().state, told.details) == (State.RETRYING, None)
    assert files.keys() == []


def test_enormous_error_is_cut_in_its_middle(bench: Bench, files: UnreliableBlobs) -> None:
    bench.handle(raising(RuntimeError("a" * 200_000 + "☃" * 200_000 + "z" * 100)))
    job = enqueue(bench, "short")

    bench.deliver()

    text = job.error_text(job.status().errors[0])
    assert len(text.encode()) <= 262_144 + 10
    assert "aaaa\n[...]\n" in text
    assert text.rstrip().endswith("z" * 100)
