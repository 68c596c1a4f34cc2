"""enqueue_json, job and list: for callers without the declaration at hand."""

from typing import Any

import pytest

from tests.unit.client.producer import (
    ADA,
    QUEUE,
    SECOND,
    NotedQueue,
    NotedStore,
    Other,
    greet,
    other,
)
from workerless.client import Client
from workerless.errors import (
    EnqueueFailedError,
    EnqueueRefusedError,
    JobNotFoundError,
)
from workerless.message import read
from workerless.states import State
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.memory import FakeClock, InMemoryBlobs, InMemoryDirectory


def test_json_is_sent_without_a_record(client: Client, queue: NotedQueue, log: list[str]) -> None:
    job = client.enqueue_json("greet", {"name": "Ada"}, delay=SECOND, attempts=2, tenant="acme")

    (message,) = queue.messages(QUEUE)
    arrived = read(message.body, job_type="greet", message_id="sqs-1")
    assert (arrived.job_id, arrived.generation, arrived.data) == (job.id, None, {"name": "Ada"})
    assert (message.delay, message.group, arrived.attempts) == (SECOND, "acme", 2)
    assert log == [f"sent {job.id}"]
    with pytest.raises(JobNotFoundError):
        job.status()


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ({"share": float("nan")}, {}),
        ({"name": {1, 2}}, {}),
        ({"name": "x" * 10_485_760}, {}),
        ({"name": "Ada"}, {"job_id": ""}),
        ({"name": "Ada"}, {"delay": SECOND * 901}),
        ({"name": "Ada"}, {"attempts": 0}),
        ({"name": "Ada"}, {"attempts": 101}),
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
    client = Client(
        store=store,
        unique=InMemoryUniqueStore(store),
        queue=queue,
        blobs=InMemoryBlobs(clock),
        directory=InMemoryDirectory(["greet"]),
        clock=clock,
    )

    assert len({client.enqueue(greet, ADA).id for _ in range(50)}) == 50
