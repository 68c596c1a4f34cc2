"""Many producers enqueue what is alike at the same moment: one job stands, whatever the rule."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import create_table
from workerless import JobType, OnDuplicate, Payload, State, Unique, Until
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.client import Client
from workerless.testing.memory import (
    FakeClock,
    InMemoryBlobs,
    InMemoryDirectory,
    InMemoryQueue,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE, _ROUNDS = 8, 6


class Sync(Payload):
    """Bring a user up to date."""

    user: int
    version: int


def sync(rule: Unique) -> JobType[Sync]:
    return JobType(name="sync", payload=Sync, unique=rule)


@pytest.fixture
def client(dynamodb: "DynamoDBClient", clock: FakeClock) -> Client:
    table, ids = create_table(dynamodb), count(1)
    return Client(
        store=DynamoStore(dynamodb, table, clock),
        unique=DynamoUniqueStore(dynamodb, table, clock),
        queue=InMemoryQueue(clock),
        blobs=InMemoryBlobs(clock),
        directory=InMemoryDirectory(["sync"]),
        clock=clock,
        new_id=lambda: f"job-{next(ids)}",
    )


@pytest.mark.parametrize("on_duplicate", [OnDuplicate.REJECT, OnDuplicate.KEEP_LAST])
def test_job_whose_answer_was_lost_is_enqueued_once(
    client: Client,
    listen: Callable[[str, Callable[..., Any]], None],
    on_duplicate: OnDuplicate,
) -> None:
    answers = iter([0])
    listen("needs-retry.dynamodb.TransactWriteItems", lambda **_: next(answers, None))
    job_type = sync(Unique(until=Until.STARTED, on_duplicate=on_duplicate))

    job = client.enqueue(job_type, Sync(user=1, version=1))

    assert not job.is_duplicate
    assert job.status().state is State.PENDING
    assert len(client.list("sync", State.PENDING).records) == 1


def race(client: Client, job_type: JobType[Sync], user: int) -> list[Any]:
    """The handles of as many producers as there are threads, all at once."""
    together = Barrier(_AT_ONCE)

    def enqueue(version: int) -> Any:
        together.wait()
        return client.enqueue(job_type, Sync(user=user, version=version))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(enqueue, range(_AT_ONCE)))


@pytest.mark.parametrize(
    "cloud", [pytest.param("local", marks=pytest.mark.local_cloud)], indirect=True
)
def test_one_of_many_is_enqueued_and_all_others_get_its_handle(client: Client) -> None:
    for user in range(_ROUNDS):
        jobs = race(client, sync(Unique(by=("user",))), user)

        assert len({job.id for job in jobs}) == 1
        assert sorted(job.is_duplicate for job in jobs) == [False] + [True] * (_AT_ONCE - 1)


@pytest.mark.parametrize(
    "cloud", [pytest.param("local", marks=pytest.mark.local_cloud)], indirect=True
)
def test_one_of_many_is_kept_and_all_others_are_superseded(client: Client) -> None:
    rule = Unique(by=("user",), until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST)
    for user in range(_ROUNDS):
        jobs = race(client, sync(rule), user)

        states = [job.status().state for job in jobs]
        assert states.count(State.PENDING) == 1
        assert states.count(State.CANCELLED) == _AT_ONCE - 1


@pytest.mark.parametrize(
    "cloud", [pytest.param("local", marks=pytest.mark.local_cloud)], indirect=True
)
def test_replaced_job_has_one_payload_of_those_that_were_enqueued(client: Client) -> None:
    rule = Unique(by=("user",), until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE)
    for user in range(_ROUNDS):
        jobs = race(client, sync(rule), user)

        assert len({job.id for job in jobs}) == 1
        assert jobs[0].status().data in [
            {"user": user, "version": version} for version in range(_AT_ONCE)
        ]
