"""cleanup_expired: locks that DynamoDB was to remove days ago."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from functions.cleanup_expired.handler import aws_clients
from functions.cleanup_expired.job import Kind
from tests.functions.cleaning import DAY, START, Stage, a_stage
from workerless.aws.flow.permits import DynamoPermits
from workerless.aws.value import expiry, text
from workerless.flow.permits import Holder, Waiter


@pytest.fixture
def stage(aws: None) -> Iterator[Stage]:
    with a_stage() as stage:
        yield stage


def holder(job_id: str, until: datetime) -> Holder:
    return Holder(job_id=job_id, token=job_id, until=until)


def test_locks_that_were_to_be_removed_days_ago_go(stage: Stage) -> None:
    now, permits = stage.clock.now(), DynamoPermits(stage.table)
    permits.take("note#old", holder("job-1", now), 1)
    waiter = Waiter(job_id="job-2", job_type="note", queue="queue", since=now, asked_at=now)
    permits.join("note#old", waiter)
    stage.table.put({"pk": text("JOB#x"), "sk": text("BODY"), "expires_at": expiry(now)})
    stage.table.put({"pk": text("LIMIT#note"), "sk": text("LIMIT"), "expires_at": expiry(now)})
    stage.table.put({"pk": text("SETTINGS#note"), "sk": text("SETTINGS")})
    stage.clock.advance(4 * DAY)
    permits.take("note#new", holder("job-3", stage.clock.now()), 1)

    early = stage.removed()
    left = stage.locks()
    stage.clock.advance(2 * DAY)

    assert (early, stage.removed(dry_run=True), stage.removed()) == (
        {"locks": 1},
        {"locks": 2},
        {"locks": 2},
    )
    assert "LIMIT#note" not in left
    assert stage.locks() == ["CLEANUP", "JOB#x", "SEMAPHORE#note#new", "SETTINGS#note"]


def test_lock_that_is_taken_meanwhile_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    now, permits = stage.clock.now(), DynamoPermits(stage.table)
    permits.take("note#1", holder("job-1", now), 2)
    stage.clock.advance(9 * DAY)
    scan = aws_clients().dynamodb.scan

    def found_and_then_taken(**asked: Any) -> Any:
        told = scan(**asked)
        later = holder("job-2", stage.clock.now())
        permits.take("note#1", later, 2)
        return told

    monkeypatch.setattr(aws_clients().dynamodb, "scan", found_and_then_taken)

    assert stage.removed() == {}
    assert "SEMAPHORE#note#1" in stage.locks()


def test_long_table_is_looked_through_in_several_runs(stage: Stage) -> None:
    items = [f"LIMIT#{number:04}" for number in range(700)]
    for name in items:
        stage.table.put({"pk": text(name), "sk": text("LIMIT"), "expires_at": expiry(START)})

    told = [stage.clean(limit=500, kinds=("locks",)).kinds[Kind.LOCKS] for _ in range(2)]

    assert [one.is_through for one in told] == [False, True]
    assert sum(one.removed for one in told) == 700
