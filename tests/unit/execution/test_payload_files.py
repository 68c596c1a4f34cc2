"""Payloads that are too big for a message."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.filing import BIG, DAY, HUGE, enqueue, raising
from tests.unit.execution.unreliable import UnreliableBlobs
from workerless import Hooks, State
from workerless.data_ref import DataRef, payload_key
from workerless.errors import BlobsUnavailableError
from workerless.handle import Job


def reason(job: Job[Any]) -> tuple[State, str | None]:
    status = job.status()
    return status.state, status.failed_reason


def send_foreign(bench: Bench, files: UnreliableBlobs, data: bytes, **more: str) -> None:
    digest = sha256(data).hexdigest()
    key = payload_key("task", "foreign", digest)
    files.put(key, data, keep=DAY)
    event = {
        "specversion": "1.0",
        "id": "foreign",
        "source": "test",
        "type": "task",
        "dataref": f"s3://files/{key}",
        "datadigest": digest,
    }
    bench.send(json.dumps({**event, **more}))


def test_big_payload_goes_through_a_file_and_comes_back_as_a_big_result(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench)
    (message,) = bench.queue.messages(bench.address.queue)

    bench.drain()

    assert len(message.body) < 1_000
    assert job.status().data == {"text": BIG}
    assert job.status().result == Done(text=BIG)
    assert len(bench.record("job-1").body) < 1_000
    result = bench.record("job-1").result
    assert isinstance(result, DataRef)
    assert result.key == "results/task/job-1/token-1.json"


def test_payload_that_is_gone_fails_its_job_without_a_start(
    bench: Bench, files: UnreliableBlobs
) -> None:
    starts: list[str] = []
    hooks = Hooks(on_start=lambda info: starts.append(info.job_id))
    bench.handle(lambda task: Done(text=task.text), hooks=[hooks])
    job = enqueue(bench)
    (body,) = [message.body for message in bench.queue.messages(bench.address.queue)]
    files.delete(files.keys()[0])

    bench.drain()

    assert reason(job) == (State.FAILED, "payload_missing")
    assert job.status().data is None
    assert starts == []
    (letter,) = bench.dead_letters()
    assert (letter.body, letter.attributes["reason"]) == (body, "payload_missing")


@pytest.mark.parametrize(
    "data",
    [
        b'{"text":"another"}',
        b"",
        b'{"text":"' + b"x" * 10_485_760 + b'"}',
    ],
    ids=["another", "empty", "too big"],
)
def test_payload_with_other_bytes_fails_its_job(
    bench: Bench, files: UnreliableBlobs, data: bytes
) -> None:
    job = enqueue(bench)
    files.put(files.keys()[0], data, keep=DAY)

    bench.drain()

    assert reason(job) == (State.FAILED, "payload_corrupt")
    assert BIG not in bench.record(job.id).errors[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"not json",
        b'{"text":"\xff"}',
        b'{"text":"\\ud800"}',
        b'{"text":NaN}',
        b'{"text":' + b"[" * 70 + b"]" * 70 + b"}",
    ],
)
def test_file_of_a_foreign_producer_that_is_no_payload_fails_its_job(
    bench: Bench, files: UnreliableBlobs, data: bytes
) -> None:
    send_foreign(bench, files, data)

    bench.drain()

    assert reason(bench.client.job("foreign")) == (State.FAILED, "payload_corrupt")


def test_file_of_a_foreign_producer_is_the_payload_however_it_is_written(
    bench: Bench, files: UnreliableBlobs
) -> None:
    send_foreign(bench, files, '{ "text" : "héllo" }'.encode())

    bench.drain()

    assert bench.client.job("foreign").status().result == {"text": "héllo"}


@pytest.mark.parametrize(
    "uri",
    [
        "s3://other/payloads/task/a.json",
        "s3://files/payloads/other/a.json",
        "s3://files/results/task/a.json",
        "s3://files/payloads/task/../other/a.json",
        "https://files/payloads/task/a.json",
        "s3://files/payloads/task/",
        "",
    ],
)
def test_worker_reads_nowhere_but_below_its_own_payloads(
    bench: Bench, files: UnreliableBlobs, uri: str
) -> None:
    files.down = frozenset({"get"})

    send_foreign(bench, files, b'{"text":"a"}', dataref=uri)
    bench.deliver()

    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == ["invalid_envelope"]


def test_files_that_do_not_answer_cost_no_attempt(bench: Bench, files: UnreliableBlobs) -> None:
    job = enqueue(bench)
    files.down = frozenset({"get"})

    for _ in range(5):
        bench.deliver()
        bench.clock.advance(timedelta(seconds=30))
    files.down = frozenset()
    bench.drain()

    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 1)
    assert bench.telemetry.troubles[0].event == "payload_unavailable"
    assert "job.started" not in bench.events()[:5]


def test_payload_whose_fetch_takes_all_the_time_is_run_by_the_next_invocation(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench)
    get = files.get

    def slowly(key: str, *, limit_bytes: int) -> bytes:
        bench.clock.advance(timedelta(seconds=12))
        return get(key, limit_bytes=limit_bytes)

    files.get = slowly  # type: ignore[method-assign]  # slow once
    bench.deliver()
    files.get = get  # type: ignore[method-assign]  # and quick again
    after_the_first = bench.record(job.id).attempt
    bench.drain()

    assert (after_the_first, job.status().attempt) == (0, 1)
    assert job.status().state is State.COMPLETED


def test_nothing_is_stored_when_the_payload_cannot_be(bench: Bench, files: UnreliableBlobs) -> None:
    files.down = frozenset({"put"})

    with pytest.raises(BlobsUnavailableError):
        enqueue(bench)

    assert bench.store.get_many(["job-1"]) == [None]
    assert bench.queue.messages(bench.address.queue) == []


def test_refused_job_with_another_payload_leaves_the_first_ones_alone(
    bench: Bench, files: UnreliableBlobs
) -> None:
    job = enqueue(bench, job_id="a")
    with pytest.raises(Exception, match="taken by a job with another payload"):
        enqueue(bench, HUGE, job_id="a")

    bench.drain()

    assert job.status().result == Done(text=BIG)


def test_window_for_retries_begins_when_the_handler_is_first_called(
    make_bench: Callable[..., Bench],
) -> None:
    job_type = replace(TASK, retry_within=timedelta(minutes=10))
    bench = make_bench(job_type=job_type)
    bench.handle(raising(RuntimeError("no")))
    job = bench.client.enqueue(job_type, Task(text=BIG))
    bench.blobs.down = frozenset({"get"})
    for _ in range(15):
        bench.deliver()
        bench.clock.advance(timedelta(minutes=1))
    bench.blobs.down = frozenset()

    bench.drain()

    assert bench.events().count("job.deferred") > 5
    assert reason(job) == (State.FAILED, "attempts_exhausted")
