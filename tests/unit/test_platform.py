"""Asking AWS what is deployed, on moto: what is there, what is not, and no answer at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from moto import mock_aws

from workerless import naming
from workerless.aws.platform import AwsPlatform
from workerless.aws.session import AwsClients
from workerless.deployed import EntryFacts
from workerless.errors import PlatformUnavailableError
from workerless.ports import Address

NOWHERE = "https://sqs.us-east-1.amazonaws.com/123456789012/nowhere"


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsClients]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        clients = AwsClients()
        yield clients
        for name in list(vars(clients)):
            if hasattr(vars(clients)[name], "close"):
                vars(clients)[name].close()


def address(**urls: Any) -> Address:
    nowhere = Address(job_type="greet", queue=NOWHERE, dead_letters=NOWHERE, function="nothing")
    return replace(nowhere, **urls)


def test_what_is_not_there_is_none(clients: AwsClients) -> None:
    found = AwsPlatform(clients, "test").job_type(address())

    assert (found.queue, found.dead_letters, found.function) == (None, None, None)
    assert (found.mappings, found.alarms) == ((), ())


def test_entries_of_declared_schedules_are_found(clients: AwsClients) -> None:
    group = naming.schedule_group("test")
    clients.scheduler.create_schedule_group(Name=group)
    target = {"Arn": "arn:aws:sqs:us-east-1:1:q", "RoleArn": "arn:aws:iam::1:role/r", "Input": "{}"}
    told: Any = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, "GroupName": group}
    clients.scheduler.create_schedule(
        Name="report-daily",
        ScheduleExpression="cron(0 9 * * ? *)",
        ScheduleExpressionTimezone="Asia/Tokyo",
        State="DISABLED",
        **told,
    )
    ticks = {"queue": "q", "dead_letters": "d", "role": "r", "knows_zones": False}
    clients.ssm.put_parameter(
        Name=naming.core_parameter("test"), Type="String", Value=json.dumps({"ticks": ticks})
    )

    found = AwsPlatform(clients, "test").schedules()

    assert not found.knows_zones
    assert found.entries == {
        "report-daily": EntryFacts(
            expression="cron(0 9 * * ? *)", timezone="Asia/Tokyo", is_enabled=False, input="{}"
        )
    }


def test_queues_are_found_by_their_addresses(clients: AwsClients) -> None:
    url = clients.sqs.create_queue(QueueName="greet")["QueueUrl"]

    found = AwsPlatform(clients, "test").job_type(address(queue=url))

    assert found.queue is not None
    assert (found.queue.name, found.dead_letters) == ("greet", None)


def test_queues_of_all_lanes_are_found(clients: AwsClients) -> None:
    urls = {
        lane: clients.sqs.create_queue(QueueName=f"greet{lane}")["QueueUrl"]
        for lane in ("vip", "rest")
    }

    found = AwsPlatform(clients, "test").job_type(address(queue=urls["rest"], lanes=urls))

    names = {lane: facts and facts.name for lane, facts in found.lanes.items()}
    assert names == {"vip": "greetvip", "rest": "greetrest"}
    assert found.queue == found.lanes["rest"]


def a_function(clients: AwsClients) -> None:
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.close()
    clients.functions.create_function(
        FunctionName="pool",
        Runtime="python3.13",
        Role=role,
        Handler="h.h",
        Code={"ZipFile": empty_zip()},
    )


def test_queues_of_the_stage_that_are_not_known_are_counted(clients: AwsClients) -> None:
    names = ("greet", "greet-dead", "greet--old", "-ticks", "-undelivered-x")
    urls = [
        clients.sqs.create_queue(QueueName=f"workerless-test-{one}")["QueueUrl"] for one in names
    ]
    clients.sqs.create_queue(QueueName="workerless-test2-greet")
    clients.sqs.send_message(QueueUrl=urls[2], MessageBody="x")
    clients.sqs.send_message(QueueUrl=urls[2], MessageBody="x", DelaySeconds=600)

    found = AwsPlatform(clients, "test").queues_beside(urls[:2])

    assert found == {urls[2]: 2}


def test_mappings_of_a_pool_are_those_of_the_own_queues(clients: AwsClients) -> None:
    a_function(clients)
    urls = {
        name: clients.sqs.create_queue(QueueName=name)["QueueUrl"]
        for name in ("greet", "greet--high", "other")
    }
    for name in urls:
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        clients.functions.create_event_source_mapping(
            FunctionName="pool", EventSourceArn=arn, BatchSize=1
        )
    lanes = {"normal": urls["greet"], "high": urls["greet--high"]}

    found = AwsPlatform(clients, "test").mappings(
        address(queue=urls["greet"], lanes=lanes, function="pool")
    )

    assert {one.queue.rpartition(":")[2] for one in found} == {"greet", "greet--high"}


def test_mapping_takes_another_bound_and_says_when_it_changed(clients: AwsClients) -> None:
    a_function(clients)
    url = clients.sqs.create_queue(QueueName="greet")["QueueUrl"]
    made = clients.functions.create_event_source_mapping(
        FunctionName="pool",
        EventSourceArn="arn:aws:sqs:us-east-1:123456789012:greet",
        ScalingConfig={"MaximumConcurrency": 5},
    )
    platform = AwsPlatform(clients, "test")
    (mapping,) = platform.mappings(address(queue=url, function="pool"))
    assert mapping.changed_at == made["LastModified"]

    platform.bound(mapping, 8)

    (bounded,) = platform.mappings(address(queue=url, function="pool"))
    assert bounded.uuid == mapping.uuid
    changed = clients.functions.get_event_source_mapping(UUID=mapping.uuid)
    assert changed["ScalingConfig"] == {"MaximumConcurrency": 8}


def test_age_of_a_queue_is_its_last_one_and_of_an_unknown_one_nobody_knows(
    clients: AwsClients,
) -> None:
    now = datetime.now(UTC)
    for minutes, age in ((1, 90.0), (3, 700.0)):
        clients.cloudwatch.put_metric_data(
            Namespace="AWS/SQS",
            MetricData=[
                {
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": "greet"}],
                    "Timestamp": now - timedelta(minutes=minutes),
                    "Value": age,
                }
            ],
        )
    platform = AwsPlatform(clients, "test")

    assert platform.oldest("arn:aws:sqs:us-east-1:123456789012:greet") == timedelta(seconds=90)
    assert platform.oldest("arn:aws:sqs:us-east-1:123456789012:other") is None


def empty_zip() -> bytes:
    with BytesIO() as file:
        ZipFile(file, "w").close()
        return file.getvalue()


def test_alarms_of_the_stage_are_found_and_no_others(clients: AwsClients) -> None:
    for name in ("workerless-test-greet-dead-letters", "workerless-prod-greet-dead-letters"):
        clients.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[{"Name": "QueueName", "Value": "greet-dead"}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )

    (alarm,) = AwsPlatform(clients, "test").alarms()

    assert alarm.name == "workerless-test-greet-dead-letters"
    assert (alarm.queue, alarm.threshold, alarm.tells) == ("greet-dead", 0, ())


def test_core_is_its_table_its_sweeper_and_who_listens(clients: AwsClients) -> None:
    topic = clients.sns.create_topic(Name="alarms")["TopicArn"]
    clients.ssm.put_parameter(
        Name=naming.core_parameter("test"),
        Type="String",
        Value=f'{{"table": "t", "bucket": "b", "topic": "{topic}"}}',
    )
    clients.scheduler.create_schedule(
        Name=naming.sweeper("test"),
        ScheduleExpression="rate(1 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "RoleArn": "arn"},
    )
    clients.dynamodb.create_table(
        TableName=naming.table("test"),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )

    core = AwsPlatform(clients, "test").core()

    assert core.table is not None
    assert (core.table.state, core.table.is_recoverable) == ("ACTIVE", False)
    assert (core.sweeper.function, core.sweeper.schedule) == (None, "rate(1 minutes)")
    assert core.listeners == 0


def test_silence_is_no_fact(clients: AwsClients) -> None:
    def garble(**_: object) -> None:
        b"\xff".decode()

    clients.sqs.meta.events.register_first("after-call.sqs.*", garble)

    with pytest.raises(PlatformUnavailableError, match=r"did not tell about queue .*nowhere"):
        AwsPlatform(clients, "test").job_type(address())
