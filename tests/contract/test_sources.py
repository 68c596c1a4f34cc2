"""Events of the local cloud's EventBridge, S3 and SNS, as our rules have them: jobs, once each."""

import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import pytest

from infra.event_input import event_input, event_pattern
from tests.contract.emulators.difference import Aws, arn, queue
from workerless.job_type import JobType
from workerless.local.credentials import REGION
from workerless.message import Message, read
from workerless.payload import Payload
from workerless.source import FromEventBridge, FromS3, ObjectEvent

pytestmark = pytest.mark.local_cloud

QUOTED = 'a "quoted" \\ value\nof two lines, ü'


class Order(Payload):
    """An order to look at."""

    order_id: str = ""
    key: str = ""
    bucket: str = ""


look_at = JobType(name="look_at", payload=Order, version=3)


@pytest.fixture(scope="module")
def aws(endpoint: str) -> Aws:
    session = boto3.Session("test", "test", region_name=REGION)
    client: Callable[..., object] = session.client
    return cache(lambda service: client(service, endpoint_url=endpoint))


@pytest.fixture
def url(aws: Aws) -> str:
    return queue(aws)


def told(aws: Aws, url: str, source: FromEventBridge | FromS3) -> None:
    """A rule like ours sends to the queue."""
    rule, sent = f"r-{uuid.uuid4()}", event_input(look_at, source)
    pattern = json.dumps(event_pattern(source, lambda text: text))
    aws("events").put_rule(Name=rule, EventPattern=pattern)
    transformer = {"InputPathsMap": sent.paths, "InputTemplate": sent.template}
    aws("events").put_targets(
        Rule=rule,
        Targets=[{"Id": "Queue", "Arn": arn(aws, url), "InputTransformer": transformer}],
    )


def received(aws: Aws, url: str) -> list[Message]:
    found = aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    return [
        read(one["Body"], job_type="look_at", message_id=one["MessageId"])
        for one in found.get("Messages", [])
    ]


def put_event(aws: Aws, kind: str, **detail: Any) -> str:
    entry = {"Source": "shop", "DetailType": kind, "Detail": json.dumps(detail)}
    answer = aws("events").put_events(Entries=[entry])
    return str(answer["Entries"][0]["EventId"])


def test_event_is_a_job_of_its_detail(aws: Aws, url: str) -> None:
    kind = str(uuid.uuid4())
    told(aws, url, FromEventBridge("orders", {"source": ["shop"], "detail-type": [kind]}))

    event_id = put_event(aws, kind, order_id=QUOTED, lines=[{"n": 1}])
    put_event(aws, "another", order_id="o-2")

    (message,) = received(aws, url)
    assert message.job_id == f"look_at--orders:{event_id}"
    assert message.data == {"order_id": QUOTED, "lines": [{"n": 1}]}
    assert (message.version, message.source) == (3, "shop")
    assert message.correlation_id == event_id


def test_events_of_one_order_are_one_job_of_the_fields_asked_for(aws: Aws, url: str) -> None:
    kind = str(uuid.uuid4())
    source = FromEventBridge(
        "orders",
        {"detail-type": [kind]},
        fields={"order_id": "$.detail.order.id", "key": "$.detail.order.lines"},
        id_from="$.detail.order.id",
    )
    told(aws, url, source)

    put_event(aws, kind, order={"id": "o-1", "lines": 2})
    put_event(aws, kind, order={"id": "o-1", "lines": 2})

    messages = received(aws, url)
    assert [one.job_id for one in messages] == ["look_at--orders:o-1"] * 2
    assert [one.data for one in messages] == [{"order_id": "o-1", "key": 2}] * 2


def test_objects_of_a_folder_are_jobs(aws: Aws, url: str) -> None:
    bucket, own = f"b-{uuid.uuid4()}", "uploads/new one+ü.jpg"
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    told(aws, url, FromS3("uploads", bucket=bucket, prefix="uploads/", suffix=".jpg"))
    told(aws, url, FromS3("gone", bucket=bucket, on=(ObjectEvent.DELETED,)))

    for key in (own, "uploads/text.txt", "other/one.jpg"):
        aws("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    aws("s3").delete_object(Bucket=bucket, Key="other/one.jpg")

    messages = received(aws, url)
    assert [one.data for one in messages] == [
        {"bucket": bucket, "key": own},
        {"bucket": bucket, "key": "other/one.jpg"},
    ]
    assert [one.job_id.partition(":")[0] for one in messages] == [
        "look_at--uploads",
        "look_at--gone",
    ]


def test_messages_of_a_topic_are_jobs_of_the_topics_ids(aws: Aws, url: str) -> None:
    topic = aws("sns").create_topic(Name=f"t-{uuid.uuid4()}")["TopicArn"]
    aws("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn(aws, url),
        Attributes={"FilterPolicy": json.dumps({"kind": ["order"]})},
    )

    def publish(kind: str) -> str:
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        body = json.dumps({"order_id": QUOTED})
        sent = aws("sns").publish(TopicArn=topic, Message=body, MessageAttributes=attributes)
        return str(sent["MessageId"])

    published = publish("order")
    publish("note")

    (message,) = received(aws, url)
    assert message.job_id == f"look_at--sns:{published}"
    assert message.data == {"order_id": QUOTED}
