"""client: record first, then the message; the same id is the same job; nothing half done."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from workerless.client import Client
from workerless.enqueueing import payload_key
from workerless.errors import (
    EnqueueFailedError,
    EnqueueRefusedError,
    JobConflictError,
    JobNotFoundError,
    StoreUnavailableError,
    UnknownJobTypeError,
)
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload
from workerless.ports import Outgoing, Put, SendFailure
from workerless.record import Record
from workerless.states import State
from workerless.testing.memory import (
    FakeClock,
    InMemoryDirectory,
    InMemoryQueue,
    InMemoryStore,
)
from workerless.testing.sample import a_claim, a_finish, a_lease

SECOND = timedelta(seconds=1)
QUEUE = "workerless-test-greet"


class Greet(Payload):
    """A greeting."""

    name: str
    share: float = 0


class Other(Payload):
    """Something else."""

    name: str
    share: float = 0


greet = JobType(name="greet", payload=Greet)
other = JobType(name="other", payload=Other)
ghost = JobType(name="ghost", payload=Greet)
ADA = Greet(name="Ada")


class NotedStore(InMemoryStore):
    """Notes what is stored; ``is_down`` makes it fail as an unreachable one does."""

    def __init__(self, clock: FakeClock, log: list[str]) -> None:
        super().__init__(clock)
        self._log = log
        self.is_down = False

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        if self.is_down:
            raise StoreUnavailableError("the store does not answer")
        self._log.extend(f"stored {record.job_id}" for record in records)
        return super().put_many(records)


class NotedQueue(InMemoryQueue):
    """Notes what is sent; messages whose body holds a word of ``failing`` are not."""

    def __init__(self, clock: FakeClock, log: list[str]) -> None:
        super().__init__(clock)
        self._log = log
        self.failing: set[str] = set()

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        return [self._send_one(address, message) for message in messages]

    def _send_one(self, address: str, message: Outgoing) -> SendFailure | None:
        name = read(message.body, job_type=address.rpartition("-")[2], message_id="").job_id
        if any(word in message.body for word in self.failing):
            return SendFailure(code="ServiceUnavailable", message="try again")
        self._log.append(f"sent {name}")
        return super().send_many(address, [message])[0]


@pytest.fixture
def log() -> list[str]:
    """What was stored and sent, in order."""
    return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock, log: list[str]) -> NotedStore:
    return NotedStore(clock, log)


@pytest.fixture
def queue(clock: FakeClock, log: list[str]) -> NotedQueue:
    return NotedQueue(clock, log)


@pytest.fixture
def client(clock: FakeClock, store: NotedStore, queue: NotedQueue) -> Client:
    ids = count(1)
    return Client(
        store=store,
        queue=queue,
        directory=InMemoryDirectory(["greet", "other"]),
        clock=clock,
        new_id=lambda: f"id-{next(ids)}",
    )


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

    (sent,) = queue.messages(QUEUE)
    assert (sent.delay, sent.group) == (SECOND * 3, "acme")
    assert read(sent.body, job_type="greet", message_id="").data["name"] == "Ada"
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

    with pytest.raises(JobConflictError, match="job id 'a' is taken by a greet job with"):
        client.enqueue(job_type, payload, job_id="a")

    assert store.get_many(["a"]) == before
    assert [line for line in log if line.startswith("sent")] == ["sent a"]


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
        (ADA, {"delay": SECOND * 901}, "delay"),
        (ADA, {"delay": -SECOND}, "delay"),
        (ADA, {"attempts": 0}, "attempts"),
        (ADA, {"attempts": 4}, "attempts"),
        (ADA, {"job_id": "a b"}, "job_id"),
        (ADA, {"tenant": "a b"}, "tenant"),
        (ADA, {"correlation_id": "\n"}, "correlation_id"),
        (ADA, {"job_id": "a", "idempotency_key": "b"}, "not both"),
        (Greet(name="x" * 262_144), {}, "payload must be at most 262144 bytes"),
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
    assert [line for line in log if line.startswith("sent")] == ["sent id-1", "sent id-3"]


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


def test_conflict_among_many_sends_nothing_and_the_others_can_be_enqueued_again(
    client: Client, log: list[str]
) -> None:
    client.enqueue(greet, ADA, idempotency_key="key")
    payloads = [Greet(name="Bob"), Greet(name="Cyd")]

    with pytest.raises(JobConflictError):
        client.enqueue_many(
            greet, payloads, idempotency_key=lambda one: "key" if one.name == "Cyd" else one.name
        )
    sent = [line for line in log if line.startswith("sent")]
    client.enqueue_many(greet, payloads[:1], idempotency_key=lambda one: one.name)

    assert len(sent) == 1
    assert len([line for line in log if line.startswith("sent")]) == 2


def test_json_is_sent_without_a_record(client: Client, queue: NotedQueue, log: list[str]) -> None:
    job = client.enqueue_json("greet", {"name": "Ada"}, delay=SECOND, tenant="acme")

    (sent,) = queue.messages(QUEUE)
    arrived = read(sent.body, job_type="greet", message_id="sqs-1")
    assert (arrived.job_id, arrived.generation, arrived.data) == (job.id, None, {"name": "Ada"})
    assert (sent.delay, sent.group) == (SECOND, "acme")
    assert log == [f"sent {job.id}"]
    with pytest.raises(JobNotFoundError):
        job.status()


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ({"share": float("nan")}, {}),
        ({"name": {1, 2}}, {}),
        ({"name": "x" * 262_144}, {}),
        ({"name": "Ada"}, {"job_id": ""}),
        ({"name": "Ada"}, {"delay": SECOND * 901}),
    ],
)
def test_json_that_no_queue_can_carry_is_refused(
    client: Client, log: list[str], data: dict[str, Any], options: dict[str, Any]
) -> None:
    with pytest.raises(EnqueueRefusedError):
        client.enqueue_json("greet", data, **options)

    assert log == []


def test_json_that_was_not_sent_says_so(client: Client, queue: NotedQueue) -> None:
    queue.failing = {"Ada"}

    with pytest.raises(EnqueueFailedError):
        client.enqueue_json("greet", {"name": "Ada"}, job_id="a")


def test_handle_of_any_job_can_be_had_by_its_id(client: Client) -> None:
    client.enqueue(greet, ADA, job_id="a")

    assert client.job("a").status().data == {"name": "Ada", "share": 0}


def test_list_shows_one_type_and_state_in_pages_newest_first(
    client: Client, clock: FakeClock
) -> None:
    for job_id in ("a", "b", "c"):
        client.enqueue(greet, ADA, job_id=job_id)
        clock.advance(SECOND)
    client.enqueue(other, Other(name="Ada"), job_id="d")
    client.enqueue(greet, ADA, job_id="e", delay=SECOND)

    first = client.list("greet", State.PENDING, limit=2)
    second = client.list("greet", State.PENDING, limit=2, cursor=first.cursor)

    assert [record.job_id for record in first.records] == ["c", "b"]
    assert [record.job_id for record in second.records] == ["a"]
    assert second.cursor is None


def test_new_ids_are_unique(store: NotedStore, queue: NotedQueue, clock: FakeClock) -> None:
    client = Client(store=store, queue=queue, directory=InMemoryDirectory(["greet"]), clock=clock)

    assert len({client.enqueue(greet, ADA).id for _ in range(50)}) == 50
