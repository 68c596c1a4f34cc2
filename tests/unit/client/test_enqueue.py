"""enqueue: record first, then the message; the same id is the same job."""

from typing import Any

import pytest

from tests.unit.client.producer import (
    ADA,
    QUEUE,
    SECOND,
    Greet,
    NotedQueue,
    NotedStore,
    Other,
    ghost,
    greet,
    other,
    sent,
)
from workerless.client import Client
from workerless.errors import (
    EnqueueFailedError,
    EnqueueRefusedError,
    JobConflictError,
    StoreUnavailableError,
    UnknownJobTypeError,
)
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload
from workerless.states import State
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_lease


def run(store: InMemoryStore, clock: FakeClock, job_id: str, state: State) -> None:
    """Have a worker start the job, and end it as ``state`` unless that is processing."""
    lease = a_lease(until=clock.now() + SECOND)
    claim = a_claim(job_id, job_type="greet", lease=lease, now=clock.now(), generation=1)
    assert store.claim_many([claim])[0].record
    if state is not State.PROCESSING:
        assert store.finish_many([a_finish(job_id, state=state, at=clock.now())]) == [True]


def test_record_is_stored_before_its_message_is_sent(client: Client, log: list[str]) -> None:
    client.enqueue(greet, ADA, job_id="a")

    assert log == ["stored a", "sent a"]


def test_job_goes_to_its_own_queue_with_what_its_caller_said(
    client: Client, queue: NotedQueue
) -> None:
    job = client.enqueue(greet, ADA, delay=SECOND * 3, tenant="acme")

    (message,) = queue.messages(QUEUE)
    assert (message.delay, message.group) == (SECOND * 3, "acme")
    assert read(message.body, job_type="greet", message_id="").data["name"] == "Ada"
    assert (job.id, job.is_duplicate) == ("id-1", False)


def test_every_option_reaches_the_record(client: Client, store: NotedStore) -> None:
    client.enqueue(
        greet,
        ADA,
        job_id="a",
        attempts=2,
        tenant="acme",
        correlation_id="c",
        parent_id="p",
        traceparent="t",
    )

    (record,) = store.get_many(["a"])
    assert record
    assert (record.max_attempts, record.tenant) == (2, "acme")
    assert (record.correlation_id, record.parent_id) == ("c", "p")
    assert read(record.body, job_type="greet", message_id="").traceparent == "t"


def test_same_id_and_payload_is_the_same_job(client: Client, store: NotedStore) -> None:
    first = client.enqueue(greet, ADA, job_id="a")
    before = store.get_many(["a"])

    second = client.enqueue(greet, ADA, job_id="a", delay=SECOND)

    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    assert second.id == first.id
    assert store.get_many(["a"]) == before


@pytest.mark.parametrize("state", [State.PROCESSING, State.RETRYING, State.COMPLETED, State.FAILED])
def test_job_that_has_started_is_not_sent_again(
    client: Client, store: NotedStore, clock: FakeClock, log: list[str], state: State
) -> None:
    client.enqueue(greet, ADA, job_id="a")
    run(store, clock, "a", state)

    job = client.enqueue(greet, ADA, job_id="a")

    assert job.is_duplicate
    assert log.count("sent a") == 1


@pytest.mark.parametrize(
    ("job_type", "payload"), [(greet, Greet(name="Bob")), (other, Other(name="Ada"))]
)
def test_taken_id_is_a_conflict_and_nothing_is_sent(
    client: Client, store: NotedStore, log: list[str], job_type: JobType[Any], payload: Payload
) -> None:
    client.enqueue(greet, ADA, job_id="a")
    before = store.get_many(["a"])

    with pytest.raises(JobConflictError, match="job id 'a' is taken by a job with"):
        client.enqueue(job_type, payload, job_id="a")

    assert store.get_many(["a"]) == before
    assert sent(log) == ["sent a"]


def test_id_is_free_again_once_its_record_has_expired(
    client: Client, store: NotedStore, clock: FakeClock
) -> None:
    client.enqueue(greet, ADA, job_id="a").cancel()
    clock.advance(greet.completed_retention)

    job = client.enqueue(greet, Greet(name="Bob"), job_id="a")

    assert not job.is_duplicate


def test_same_idempotency_key_is_the_same_job(client: Client) -> None:
    first = client.enqueue(greet, ADA, idempotency_key="order 1")
    second = client.enqueue(greet, ADA, idempotency_key="order 1")
    third = client.enqueue(greet, ADA, idempotency_key="order 2")

    assert (second.id, second.is_duplicate) == (first.id, True)
    assert (third.id == first.id, third.is_duplicate) == (False, False)


def test_same_idempotency_key_with_another_payload_is_a_conflict(client: Client) -> None:
    client.enqueue(greet, ADA, idempotency_key="order 1")

    with pytest.raises(JobConflictError):
        client.enqueue(greet, Greet(name="Bob"), idempotency_key="order 1")


def test_message_that_was_not_sent_is_sent_by_enqueueing_again(
    client: Client, queue: NotedQueue, log: list[str]
) -> None:
    queue.failing = {"Ada"}
    with pytest.raises(EnqueueFailedError, match=r"1 of 1 .* \(job 'a': Serv") as caught:
        client.enqueue(greet, ADA, job_id="a")
    queue.failing = set()

    job = client.enqueue(greet, ADA, job_id="a")

    assert caught.value.failures == {"a": "ServiceUnavailable"}
    assert job.is_duplicate
    assert log == ["stored a", "stored a", "sent a"]


def test_store_that_is_down_means_nothing_is_sent(
    client: Client, store: NotedStore, log: list[str]
) -> None:
    store.is_down = True

    with pytest.raises(StoreUnavailableError):
        client.enqueue(greet, ADA)

    assert log == []


def test_unknown_job_type_leaves_no_record(client: Client, log: list[str]) -> None:
    with pytest.raises(UnknownJobTypeError, match="'ghost'; there is: greet, other"):
        client.enqueue(ghost, ADA)
    with pytest.raises(UnknownJobTypeError):
        client.enqueue_many(ghost, [ADA])
    with pytest.raises(UnknownJobTypeError):
        client.enqueue_json("ghost", {"name": "Ada"})

    assert log == []


@pytest.mark.parametrize(
    ("payload", "options", "words"),
    [
        (ADA, {"delay": SECOND * 86_400 * 3651}, "delay"),
        (ADA, {"delay": -SECOND}, "delay"),
        (ADA, {"attempts": 0}, "attempts"),
        (ADA, {"attempts": 4}, "attempts"),
        (ADA, {"job_id": "a b"}, "job_id"),
        (ADA, {"tenant": "a b"}, "tenant"),
        (ADA, {"correlation_id": "\n"}, "correlation_id"),
        (ADA, {"job_id": "a", "idempotency_key": "b"}, "not both"),
        (Greet(name="x" * 10_485_760), {}, "payload must be at most 10485760 bytes"),
        (Greet(name="Ada", share=float("nan")), {}, "the payload must be JSON"),
        (Other(name="Ada"), {}, "greet takes a Greet, got Other"),
    ],
)
def test_refused_job_is_neither_stored_nor_sent(
    client: Client, log: list[str], payload: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(EnqueueRefusedError, match=words):
        client.enqueue(greet, payload, **options)

    assert log == []
