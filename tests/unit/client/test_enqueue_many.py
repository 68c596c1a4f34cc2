"""enqueue_many: all or some on their way, named, in order, and safe to repeat."""

from collections.abc import Sequence

import pytest

from tests.unit.client.producer import ADA, Greet, NotedQueue, NotedStore, greet, sent
from workerless.client import Client
from workerless.errors import (
    EnqueueFailedError,
    EnqueueInterruptedError,
    EnqueueRefusedError,
    JobConflictError,
    StoreUnavailableError,
)
from workerless.payload import payload_key
from workerless.ports import Put
from workerless.record import Record
from workerless.states import State


def test_many_jobs_come_back_in_the_order_of_their_payloads(client: Client, log: list[str]) -> None:
    jobs = client.enqueue_many(greet, [Greet(name=str(n)) for n in range(25)], tenant="acme")

    names = [status.data["name"] for status in (job.status() for job in jobs) if status.data]
    assert names == [str(n) for n in range(25)]
    assert log.index("sent id-1") > log.index("stored id-25")


def test_no_jobs_at_all_are_no_mistake(client: Client, log: list[str]) -> None:
    assert client.enqueue_many(greet, []) == []
    assert log == []


def test_many_jobs_are_all_checked_before_the_first_is_stored(
    client: Client, log: list[str]
) -> None:
    with pytest.raises(EnqueueRefusedError):
        client.enqueue_many(greet, [ADA, Greet(name="Bob", share=float("inf"))])

    assert log == []


def test_failed_entries_are_named_and_all_others_are_on_their_way(
    client: Client, queue: NotedQueue, log: list[str]
) -> None:
    queue.failing = {"Bob", "Dan"}
    payloads = [Greet(name=name) for name in ("Ada", "Bob", "Cyd", "Dan")]

    with pytest.raises(EnqueueFailedError, match="2 of 4 messages were not sent") as caught:
        client.enqueue_many(greet, payloads)

    assert caught.value.failures == {"id-2": "ServiceUnavailable", "id-4": "ServiceUnavailable"}
    assert sent(log) == ["sent id-1", "sent id-3"]


def test_many_jobs_with_keys_can_be_enqueued_again(client: Client, queue: NotedQueue) -> None:
    payloads = [Greet(name=name) for name in ("Ada", "Bob")]
    queue.failing = {"Bob"}
    with pytest.raises(EnqueueFailedError):
        client.enqueue_many(greet, payloads, idempotency_key=payload_key)
    queue.failing = set()

    jobs = client.enqueue_many(greet, payloads, idempotency_key=payload_key)

    assert [job.is_duplicate for job in jobs] == [True, True]
    assert {status.state for status in (job.status() for job in jobs)} == {State.PENDING}


def test_equal_keys_in_one_call_are_one_job(client: Client, store: NotedStore) -> None:
    first, second = client.enqueue_many(greet, [ADA, ADA], idempotency_key=lambda _: "key")

    assert first.id == second.id
    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    assert len(client.list("greet", State.PENDING).records) == 1


def test_conflict_among_many_is_named_and_the_others_are_on_their_way(
    client: Client, log: list[str]
) -> None:
    client.enqueue(greet, ADA, idempotency_key="key")
    payloads = [Greet(name="Bob"), Greet(name="Cyd")]

    with pytest.raises(JobConflictError) as caught:
        client.enqueue_many(
            greet, payloads, idempotency_key=lambda one: "key" if one.name == "Cyd" else one.name
        )
    bob = client.enqueue(greet, payloads[0], idempotency_key="Bob")

    assert len(caught.value.job_ids) == 1
    assert f"sent {bob.id}" in sent(log)
    assert f"sent {caught.value.job_ids[0]}" in sent(log)[:1]


def test_conflict_is_named_beside_a_message_that_was_not_sent(
    client: Client, queue: NotedQueue
) -> None:
    client.enqueue(greet, ADA, idempotency_key="Bob")
    queue.failing = {"Cyd"}

    with pytest.raises(EnqueueFailedError, match="1 ids are other jobs'") as caught:
        client.enqueue_many(
            greet, [Greet(name="Bob"), Greet(name="Cyd")], idempotency_key=lambda one: one.name
        )

    assert len(caught.value.conflicts) == len(caught.value.failures) == 1
    assert caught.value.conflicts[0] not in caught.value.failures


def test_silent_store_is_told_by_position(
    client: Client, store: NotedStore, queue: NotedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.enqueue(greet, ADA, idempotency_key="name 3.")
    queue.failing = {"name 7."}
    put_many, calls = store.put_many, iter(range(9))

    def silent_later(records: Sequence[Record]) -> list[Put]:
        if next(calls) == 1:
            raise StoreUnavailableError("no answer")
        return put_many(records)

    monkeypatch.setattr(store, "put_many", silent_later)
    payloads = [Greet(name=f"name {n}.") for n in range(850)]

    with pytest.raises(EnqueueInterruptedError, match="no answer for 400 jobs") as caught:
        client.enqueue_many(greet, payloads, idempotency_key=lambda one: one.name)

    told = caught.value
    assert isinstance(told, EnqueueFailedError)
    assert isinstance(told, StoreUnavailableError)
    assert (told.taken, told.unsent, len(told.failures)) == ([3], [7], 1)
    assert told.sent == [n for n in range(400) if n not in (3, 7)]
    assert told.unknown == list(range(400, 800))
    assert told.untouched == list(range(800, 850))
