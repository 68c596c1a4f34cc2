"""enqueue: what a job can be found by, tags and search keys, goes with it."""

import json

import pytest

from tests.unit.client.producer import ADA, QUEUE, greet
from workerless.client import Client
from workerless.errors import EnqueueRefusedError
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload
from workerless.search import Search
from workerless.search_key import key_digest
from workerless.testing.memory import InMemoryQueue, InMemoryStore


class Order(Payload):
    """An order."""

    order_id: int
    shop: str


order = JobType(name="other", payload=Order, search_keys=("order_id", "shop"))


def test_tags_go_with_record_message_and_status(
    client: Client, store: InMemoryStore, queue: InMemoryQueue
) -> None:
    job = client.enqueue(greet, ADA, tags=("eu", "campaign:7", "eu"))

    (record,) = store.records()
    (message,) = queue.messages(QUEUE)
    assert record.tags == ("eu", "campaign:7")
    assert json.loads(message.body)["tags"] == "eu,campaign:7"
    assert read(message.body, job_type="greet", message_id="m").tags == ("eu", "campaign:7")
    assert job.status().tags == ("eu", "campaign:7")


def test_tags_of_many_and_of_json(
    client: Client, store: InMemoryStore, queue: InMemoryQueue
) -> None:
    client.enqueue_many(greet, [ADA, ADA], tags=("bulk",))
    client.enqueue_json("greet", {"name": "Ada"}, tags=("raw",))

    assert [record.tags for record in store.records()] == [("bulk",)] * 2
    assert [json.loads(message.body)["tags"] for message in queue.messages(QUEUE)] == [
        "bulk",
        "bulk",
        "raw",
    ]


def test_job_without_tags_says_nothing_of_them(client: Client, queue: InMemoryQueue) -> None:
    client.enqueue(greet, ADA)

    (message,) = queue.messages(QUEUE)
    assert "tags" not in json.loads(message.body)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("eu", "a list of texts, got one text 'eu'"),
        ([""], "a tag must match"),
        (["a,b"], "a tag must match"),
        (["a b"], "a tag must match"),
        (["x" * 41], "a tag must match"),
        (["é"], "a tag must match"),
        ([7], "a tag must match"),
        (["a", "b", "c", "d", "e", "f"], "at most 5 tags, got 6"),
    ],
)
def test_other_tags_are_refused(
    client: Client, store: InMemoryStore, tags: list[str], said: str
) -> None:
    with pytest.raises(EnqueueRefusedError, match=said):
        client.enqueue(greet, ADA, tags=tags)

    assert store.records() == []


def test_job_is_found_by_its_search_keys(client: Client, store: InMemoryStore) -> None:
    jobs = [client.enqueue(order, Order(order_id=number, shop="berlin")) for number in (7, 8)]

    found = store.search(Search(job_type="other", keys={"order_id": "7", "shop": "berlin"}))

    assert [row.job_id for row in found.rows] == [jobs[0].id]
    record = store.records()[0]
    assert record.search_keys == {"order_id": key_digest("7"), "shop": key_digest("berlin")}
