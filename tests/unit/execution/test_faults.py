"""Stores and queues that fail, answers that are lost, attempts that wake up too late."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from workerless import Fail, Snooze, State
from workerless.errors import StoreUnavailableError
from workerless.execution.arrival import arrive
from workerless.execution.context import JobContext
from workerless.ports import Outgoing, SendFailure, Store
from workerless.record import Lease
from workerless.transition import Claim, Finish


class Wrapped:
    """A port whose named calls are replaced; everything else goes through."""

    def __init__(self, inner: Any, **calls: Any) -> None:
        self._inner = inner
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._inner, name)


def down(*_: object, **__: object) -> Any:
    raise StoreUnavailableError("throttled")


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def test_store_that_is_down_at_the_claim_costs_no_attempt(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())

    kept = bench.deliver(store=Wrapped(bench.store, claim_many=down))

    assert len(kept) == 1
    assert job.status().attempt == 0
    bench.drain()
    assert job.status().state is State.COMPLETED


def test_store_that_is_down_at_the_finish_keeps_the_message(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())

    kept = bench.deliver(store=Wrapped(bench.store, finish_many=down))

    assert len(kept) == 1
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["store_unavailable"]
    bench.drain()
    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 2)


def test_progress_that_cannot_be_saved_does_not_fail_the_job(bench: Bench) -> None:
    def tells(payload: Task, job: JobContext) -> Done:
        job.progress(50)
        return Done(text=payload.text)

    bench.handle(tells)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver(store=Wrapped(bench.store, progress=down))

    assert job.status().state is State.COMPLETED
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["progress_lost"]


def test_attempt_that_lost_its_lease_changes_nothing_and_does_not_acknowledge(
    bench: Bench,
) -> None:
    def sleeps_through_its_lease(payload: Task, job: JobContext) -> Done:
        bench.clock.advance(timedelta(minutes=10))
        take_over(bench, job.job_id)
        return Done(text="too late")

    bench.handle(sleeps_through_its_lease)
    job = bench.client.enqueue(bench.job_type, Task())

    kept = bench.deliver()

    assert len(kept) == 1
    assert job.status().state is State.PROCESSING
    assert bench.record(job.id).attempt == 2
    assert bench.events()[-1] == "job.fenced"


def test_attempt_that_lost_its_lease_is_told_at_its_next_progress(bench: Bench) -> None:
    reached: list[str] = []

    def works_on(payload: Task, job: JobContext) -> Done:
        bench.clock.advance(timedelta(minutes=10))
        take_over(bench, job.job_id)
        try:
            job.progress(10)
        except Exception:  # noqa: BLE001 -- as a careless handler would
            reached.append("swallowed")
        reached.append("after")
        return Done(text=payload.text)

    bench.handle(works_on)
    bench.client.enqueue(bench.job_type, Task())

    kept = bench.deliver()

    assert reached == []
    assert len(kept) == 1
    assert bench.events()[-1] == "job.fenced"


def take_over(bench: Bench, job_id: str) -> None:
    now = bench.clock.now()
    lease = Lease(token="newer", until=now + timedelta(minutes=5), alone=True)  # noqa: S106
    bench.store.claim_many(
        [Claim(job_id=job_id, job_type="task", lease=lease, now=now, generation=1)]
    )


def test_dead_letter_that_cannot_be_sent_is_sent_when_the_message_returns(bench: Bench) -> None:
    def rejects(_payload: Task) -> Done:
        raise Fail("no")

    refusing = Wrapped(bench.queue, send_many=refuse)
    bench.handle(rejects)
    job = bench.client.enqueue(bench.job_type, Task())
    records = bench.queue.deliver(bench.address.queue)
    assert bench.worker is not None
    ports = bench.ports()

    response = bench.worker.run(records, replace(ports, queue=refusing), timedelta(seconds=20))

    assert len(response["batchItemFailures"]) == 1
    assert job.status().state is State.FAILED
    assert bench.dead_letters() == []
    bench.drain()
    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == ["rejected"]
    assert job.status().attempt == 1


def refuse(_address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
    return [SendFailure(code="ServiceUnavailable", message="later") for _ in messages]


@pytest.mark.parametrize("call", ["claim_many", "finish_many"])
def test_lost_answer_of_a_write_that_succeeded_is_recognised_as_our_own(
    bench: Bench, call: str
) -> None:
    """The SDK repeats a call whose answer was lost: the second meets what the first wrote."""

    def twice(entries: Sequence[Claim] | Sequence[Finish]) -> Any:
        write = getattr(bench.store, call)
        write(entries)
        return write(entries)

    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())
    store: Store = Wrapped(bench.store, **{call: twice})

    kept = bench.deliver(store=store)

    assert kept == []
    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 1)


def test_worn_message_that_cannot_be_replaced_is_hidden_by_its_visibility_only(
    bench: Bench,
) -> None:
    def snoozes(_payload: Task) -> Done:
        raise Snooze(timedelta(minutes=1))

    bench.handle(snoozes)
    job = bench.client.enqueue(bench.job_type, Task())
    (record,) = bench.queue.deliver(bench.address.queue)
    record["attributes"]["ApproximateReceiveCount"] = str(bench.job_type.max_receive_count)
    ports = replace(bench.ports(), queue=Wrapped(bench.queue, send_many=refuse))
    assert bench.worker is not None

    response = bench.worker.run([record], ports, timedelta(seconds=20))

    assert len(response["batchItemFailures"]) == 1
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["replace_failed"]
    assert job.status().state is State.SCHEDULED


@pytest.mark.parametrize("body", ["not json", '{"text": "x"}'])
def test_worn_message_outlives_a_store_that_is_down(bench: Bench, body: str) -> None:
    """As a fresh one; what cannot be read would be another job then, and is dead-lettered."""
    bench.handle(echo)
    bench.send(body)
    (record,) = bench.queue.deliver(bench.address.queue)
    record["attributes"]["ApproximateReceiveCount"] = str(bench.job_type.max_receive_count)
    ports = bench.ports(Wrapped(bench.store, claim_many=down))
    assert bench.worker is not None

    response = bench.worker.run([record], ports, timedelta(seconds=20))

    assert response == {"batchItemFailures": []}
    fresh, letters = bench.queue.messages(bench.address.queue)[1:], bench.dead_letters()
    first = arrive(record, "task", "files")
    if first.problem is not None:
        (letter,) = letters
        assert (fresh, letter.body, letter.attributes["reason"]) == ([], body, "not_json")
        return
    (message,) = fresh
    again = arrive({**record, "messageId": "new", "body": message.body}, "task", "files")
    assert again.message.data == first.message.data
    assert again.message.job_id == record["messageId"]
