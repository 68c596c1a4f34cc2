"""The adapters as a producer has them, with several calls at once: the same answers."""

from random import Random
from typing import TYPE_CHECKING

from tests.contract.conftest import create_table
from tests.contract.containers import DAY, NOW, a_container, stored
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.sqs import SqsQueue
from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.frozen import replace
from workerless.ports import Outgoing
from workerless.spread import at_once
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


def test_every_message_is_sent_and_every_refusal_stands_at_its_place(
    sqs: "SQSClient", queue_url: str, clock: FakeClock
) -> None:
    queue = SqsQueue(sqs, clock, Random(0), spread=at_once)
    messages = [Outgoing(body="" if number == 17 else f"job {number}") for number in range(45)]

    answers = queue.send_many(queue_url, messages)

    assert [number for number, failure in enumerate(answers) if failure] == [17]
    assert queue.waiting(queue_url) == 44


def test_every_record_is_put_and_the_one_that_was_there_is_found(
    dynamodb: "DynamoDBClient", clock: FakeClock
) -> None:
    store = DynamoStore(dynamodb, create_table(dynamodb), clock, spread=at_once)
    records = [a_record(job_id=f"job-{number}") for number in range(30)]
    store.put_many(records[7:8])

    puts = store.put_many(records)

    assert [put.record.job_id for put in puts] == [record.job_id for record in records]
    assert [number for number, put in enumerate(puts) if not put.created] == [7]


def test_hundreds_of_records_are_read_in_their_order(
    dynamodb: "DynamoDBClient", clock: FakeClock
) -> None:
    store = DynamoStore(dynamodb, create_table(dynamodb), clock, spread=at_once)
    records = [a_record(job_id=f"job-{number}") for number in range(230)]
    store.put_many(records)

    assert store.get_many([one.job_id for one in records]) == records


def test_all_pages_of_a_batch_go_with_it(dynamodb: "DynamoDBClient", clock: FakeClock) -> None:
    table = Table(dynamodb, create_table(dynamodb), clock, at_once)
    containers = DynamoContainers(table, clock, spread=at_once)
    containers.create(a_container())
    containers.add_pages("import-7", [[f"job-{number}"] for number in range(30)], at=NOW)
    containers.save(replace(stored(containers), state="cancelled", is_open=False))

    containers.retire(stored(containers), NOW + DAY)

    items = dynamodb.scan(TableName=table.name)["Items"]
    assert len(items) == 61
    assert {item["expires_at"]["N"] for item in items} == {str(int((NOW + DAY).timestamp()))}
