"""Every port in each of its makes: the double, moto, and the local cloud, started once for all."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.sqs import SqsQueue
from workerless.aws.table import Table
from workerless.aws.wire import speak_plainly
from workerless.aws.workflow.containers import DynamoContainers
from workerless.local import start
from workerless.local.credentials import REGION
from workerless.operator_ports import OperatorStore
from workerless.ports import Queue
from workerless.search import LISTED_ATTRIBUTES
from workerless.testing.memory import FakeClock, InMemoryQueue, InMemoryStore
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.workflow_ports import ContainerStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, KeySchemaElementTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

type Listen = Callable[[str, Callable[..., Any]], None]

_TEXTS = ("pk", "sk", "state_key", "state_at")
_NUMBERS = ("due_shard", "due_at")
CLOUDS = ["moto", pytest.param("local", marks=pytest.mark.local_cloud)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The clients of one cloud, made once a module: making one costs more than most tests."""

    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    ssm: "SSMClient"
    s3: "S3Client"


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a local cloud with nothing in it, as ``workerless local up`` starts it."""
    directory = tmp_path_factory.mktemp("contract-cloud")
    running = start.start(directory, start.free_port(0))
    try:
        yield running.endpoint
    finally:
        start.end(directory, running)


@pytest.fixture(scope="module")
def clouds(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Cloud]]:
    @cache
    def cloud(kind: str) -> Cloud:
        session = boto3.Session("test", "test", region_name=REGION)
        endpoint = request.getfixturevalue("endpoint") if kind == "local" else None
        unchecked = Config(parameter_validation=False)
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=unchecked)
        speak_plainly(dynamodb.meta.events)
        return Cloud(
            dynamodb=dynamodb,
            sqs=session.client("sqs", endpoint_url=endpoint),
            ssm=session.client("ssm", endpoint_url=endpoint),
            s3=session.client("s3", endpoint_url=endpoint),
        )

    with mock_aws():
        yield cloud


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest, clouds: Callable[[str], Cloud]) -> Cloud:
    return clouds(request.param)


@pytest.fixture
def dynamodb(cloud: Cloud) -> "DynamoDBClient":
    return cloud.dynamodb


@pytest.fixture
def sqs(cloud: Cloud) -> "SQSClient":
    return cloud.sqs


@pytest.fixture
def ssm(cloud: Cloud) -> "SSMClient":
    return cloud.ssm


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> str:
    return create_table(dynamodb)


@pytest.fixture
def dynamo_store(dynamodb: "DynamoDBClient", table: str, clock: FakeClock) -> DynamoOperatorStore:
    return DynamoOperatorStore(dynamodb, table, clock)


@pytest.fixture
def listen(dynamodb: "DynamoDBClient") -> Iterator[Listen]:
    """Have a function told of an event of the client for the length of a test."""
    yield from _listening(dynamodb)


@pytest.fixture
def listen_to_sqs(sqs: "SQSClient") -> Iterator[Listen]:
    """The same of SQS' client."""
    yield from _listening(sqs)


def _listening(client: "DynamoDBClient | SQSClient") -> Iterator[Listen]:
    registered: list[tuple[str, Callable[..., Any]]] = []

    def register(event: str, listener: Callable[..., Any]) -> None:
        client.meta.events.register_first(event, listener)
        registered.append((event, listener))

    yield register
    for event, listener in registered:
        client.meta.events.unregister(event, listener)


@pytest.fixture(params=["memory", *CLOUDS])
def store(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> OperatorStore:
    if request.param == "memory":
        return InMemoryStore(clock)
    client = clouds(request.param).dynamodb
    return DynamoOperatorStore(client, create_table(client), clock)


@pytest.fixture(params=["memory", *CLOUDS])
def containers(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> ContainerStore:
    if request.param == "memory":
        return InMemoryContainers(clock)
    client = clouds(request.param).dynamodb
    return DynamoContainers(Table(client, create_table(client), clock), clock)


@pytest.fixture
def queue_url(sqs: "SQSClient") -> str:
    return sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]


@pytest.fixture
def sqs_queue(sqs: "SQSClient", clock: FakeClock) -> SqsQueue:
    return SqsQueue(sqs, clock, Random(0))


@pytest.fixture(params=["memory", *CLOUDS])
def queue_at(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> tuple[Queue, str, Callable[[], list[dict[str, str]]]]:
    """A queue, the address of an empty one, and how Lambda would receive from it."""
    if request.param == "memory":
        queue = InMemoryQueue(clock)
        return queue, "queue", lambda: _received_in_memory(queue)
    client = clouds(request.param).sqs
    url = client.create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]
    return SqsQueue(client, clock, Random(0)), url, lambda: _received(client, url)


def create_bucket(client: "S3Client") -> str:
    """An empty bucket of its own."""
    name = f"bucket-{uuid.uuid4()}"
    client.create_bucket(Bucket=name)
    return name


def create_table(client: "DynamoDBClient", name: str | None = None) -> str:
    """A table with both indexes, as the core stack makes it."""
    name = name or f"table-{uuid.uuid4()}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[*_attributes("S", _TEXTS), *_attributes("N", _NUMBERS)],
        KeySchema=_keys("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": _keys("due_shard", "due_at"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": "by_state",
                "KeySchema": _keys("state_key", "state_at"),
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": list(LISTED_ATTRIBUTES),
                },
            },
        ],
    )
    return name


def _attributes(
    kind: Literal["S", "N"], names: Sequence[str]
) -> list["AttributeDefinitionTypeDef"]:
    return [{"AttributeName": name, "AttributeType": kind} for name in names]


def _keys(partition: str, sort: str) -> list["KeySchemaElementTypeDef"]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _received_in_memory(queue: InMemoryQueue) -> list[dict[str, str]]:
    return [
        {"body": record["body"], "receipt": record["receiptHandle"]}
        for record in queue.deliver("queue")
    ]


def _received(client: "SQSClient", url: str) -> list[dict[str, str]]:
    answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=30)
    return [
        {"body": message["Body"], "receipt": message["ReceiptHandle"]}
        for message in answer.get("Messages", [])
    ]
