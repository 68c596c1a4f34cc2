"""Heartbeats of jobs: only who holds a job says that it is alive, in memory and in a table."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from workerless.aws.dynamodb import DynamoStore
from workerless.aws.heartbeat import DynamoHeartbeats
from workerless.aws.table import Table
from workerless.frozen import replace
from workerless.heartbeat import Heartbeats
from workerless.ports import Store
from workerless.testing.clock import START
from workerless.testing.heartbeats import InMemoryHeartbeats
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LATER = START + timedelta(seconds=30)


@pytest.fixture(params=["memory", "dynamodb"])
def both(
    request: pytest.FixtureRequest, dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> tuple[Heartbeats, Store]:
    if request.param == "memory":
        store = InMemoryStore(clock)
        return InMemoryHeartbeats(store), store
    made = DynamoStore(dynamodb, table, clock)
    return DynamoHeartbeats(Table(dynamodb, table, clock)), made


def test_running_job_is_said_to_be_alive_and_nothing_else_is_changed(
    both: tuple[Heartbeats, Store],
) -> None:
    heartbeats, store = both
    store.put_many([a_record()])
    store.claim_many([a_claim()])
    (before,) = store.get_many(["job-1"])

    is_ours = heartbeats.beat("job-1", HOLDER, LATER)

    assert is_ours
    assert before is not None
    assert store.get_many(["job-1"]) == [replace(before, heartbeat_at=LATER)]


def test_nobody_else_s_job_is(both: tuple[Heartbeats, Store]) -> None:
    heartbeats, store = both
    store.put_many([a_record("waits"), a_record("ended"), a_record("another")])
    store.claim_many([a_claim("ended"), a_claim("another")])
    store.finish_many([a_finish("ended")])
    before = store.get_many(["waits", "ended", "another"])

    said = [heartbeats.beat(job_id, HOLDER, LATER) for job_id in ("waits", "ended", "nobody")]
    said.append(heartbeats.beat("another", "token-2", LATER))

    assert said == [False] * 4
    assert store.get_many(["waits", "ended", "another"]) == before
