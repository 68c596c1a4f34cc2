"""DynamoStore: a body that lies apart outlives its job, however long that is told to wait."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from workerless.aws.dynamodb import DynamoStore
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_finish, a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = timedelta(days=1)
LARGE = a_record(body="x" * 2_000)


def _kept_for(dynamodb: "DynamoDBClient", table: str) -> timedelta:
    key = {"pk": {"S": "JOB#job-1"}, "sk": {"S": f"BODY#{LARGE.digest}"}}
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    return timedelta(seconds=int(item["expires_at"]["N"]) - START.timestamp())


def test_body_outlives_a_job_that_is_rescheduled_or_retried_far_ahead(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    dynamo_store.put_many([LARGE])
    put = _kept_for(dynamodb, table)
    dynamo_store.reschedule("job-1", run_at=START + 5 * DAY, at=START)
    near = _kept_for(dynamodb, table)
    dynamo_store.reschedule("job-1", run_at=START + 90 * DAY, at=START)
    rescheduled = _kept_for(dynamodb, table)
    held = dynamo_store.claim_many([a_claim(now=START + 90 * DAY)])[0].record
    dynamo_store.finish_many(
        [a_finish(held=held, state=State.RETRYING, run_at=START + 400 * DAY, at=START + 90 * DAY)]
    )

    assert (put, near) == (30 * DAY, 30 * DAY)
    assert (rescheduled, _kept_for(dynamodb, table)) == (120 * DAY, 430 * DAY)


def test_enqueueing_a_waiting_job_again_takes_nothing_from_its_body(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    dynamo_store.put_many([replace(LARGE, state=State.SCHEDULED, run_at=START + 60 * DAY)])

    (put,) = dynamo_store.put_many([LARGE])

    assert not put.created
    assert _kept_for(dynamodb, table) == 90 * DAY


def test_body_that_is_past_its_time_is_stored_anew(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    dynamo_store.put_many([replace(LARGE, expires_at=START)])
    later = START + 40 * DAY

    dynamo_store.put_many([replace(LARGE, enqueued_at=later, updated_at=later, run_at=later)])

    assert _kept_for(dynamodb, table) == 70 * DAY


def test_body_of_a_held_job_waits_a_year_for_a_person(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    dynamo_store.put_many([LARGE])
    held = dynamo_store.claim_many([a_claim()])[0].record

    dynamo_store.finish_many([a_finish(held=held, state=State.HELD, reason="unknown_outcome")])

    assert _kept_for(dynamodb, table) == 395 * DAY


def test_job_whose_body_lies_in_its_record_is_rescheduled_as_well(
    dynamo_store: DynamoStore,
) -> None:
    dynamo_store.put_many([a_record()])

    assert dynamo_store.reschedule("job-1", run_at=START + 90 * DAY, at=START).run_at > START
    assert dynamo_store.get_many(["job-1"])[0]
