"""DynamoStore: a body in its record is without the ids that stand there anyway."""

import uuid
from typing import TYPE_CHECKING

import pytest

from workerless import JobType, Payload
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.item import record_key
from workerless.enqueueing import Options, entry
from workerless.record import Record
from workerless.testing.clock import START
from workerless.testing.sample import a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PLACE = "0b9f2a52-4e75-4f2b-a3b4-6c8d22d5a1f0/0123456789abcdef/31"


class Row(Payload):
    """A row."""

    customer: str


ROWS = JobType(name="rows", payload=Row)


def a_member(customer: str) -> Record:
    made = entry(
        ROWS,
        Row(customer=customer),
        Options(member_of=PLACE),
        now=START,
        new_id=lambda: str(uuid.UUID(int=7)),
        bucket=lambda: "bucket",
    )
    return made.record


@pytest.mark.parametrize(
    "record",
    [
        a_member("ada"),
        a_record(body="{}"),
        a_record(body=""),
        a_record(body='{"job-1":"job-1 is not job-11"}', member_of=PLACE),
        a_record(body=f'"{PLACE}"', member_of=None),
        a_record(body='{\n"id": "job-1"}', member_of=PLACE),
        a_record(body="\x01\x02\x03", member_of=PLACE),
        a_record(body="job-1 \x02 \x03", member_of=PLACE),
        a_record(body="\u00e9 job-1 \U0001f600"),
    ],
)
def test_body_comes_back_as_it_was_put(dynamo_store: DynamoStore, record: Record) -> None:
    dynamo_store.put_many([record])

    assert dynamo_store.get_many([record.job_id]) == [record]


def test_small_job_of_a_batch_is_one_item(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    dynamo_store.put_many([a_member("a customer of eighty letters".ljust(80, "."))])

    (item,) = dynamodb.scan(TableName=table)["Items"]
    assert item["sk"] == {"S": "RECORD"}
    assert PLACE not in item["body"]["S"]


def test_body_that_an_earlier_version_wrote_is_read(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    record = a_member("ada")
    dynamo_store.put_many([record])
    dynamodb.update_item(
        TableName=table,
        Key=record_key(record.job_id),
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": record.body}},
    )

    assert dynamo_store.get_many([record.job_id]) == [record]
