"""A deployed stage with one job type, on moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from moto import mock_aws

from tests.contract.conftest import create_table
from tests.partiql import spoken_by_moto
from workerless import JobType, Payload, naming
from workerless.environment import SweeperEnvironment

STAGE, TYPE = "local", "task"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")
TOPIC = f"arn:aws:sns:us-east-1:000000000000:{naming.alarm_topic(STAGE)}"
TICKS = {
    "queue": "arn:aws:sqs:us-east-1:000000000000:workerless-local--ticks",
    "dead_letters": "arn:aws:sqs:us-east-1:000000000000:workerless-local--ticks-dead",
    "role": f"arn:aws:iam::000000000000:role/{naming.tick_role(STAGE, 'us-east-1')}",
}


class Task(Payload):
    """What the API is asked for."""

    text: str


TASK = JobType(name=TYPE, payload=Task, search_keys=("text",))


class Context:
    """Lambda's, as far as anybody looks."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@contextmanager
def deployed_stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Found by the environment, until the end."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    here = SweeperEnvironment(stage=STAGE, table=naming.table(STAGE), bucket=BUCKET)
    for name, value in here.render().items():
        monkeypatch.setenv(name, value)
    with mock_aws(), spoken_by_moto():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm", "s3")]
        dynamodb, sqs, ssm, s3 = clients
        create_table(dynamodb, naming.table(STAGE))
        s3.create_bucket(Bucket=BUCKET)
        queues = (naming.resource(STAGE, TYPE), naming.dead_letter_queue(STAGE, TYPE))
        url, dead = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in queues]
        address = {"queue": url, "dead_letters": dead, "function": queues[0]}
        orders = sqs.create_queue(QueueName=naming.workflows_queue(STAGE))["QueueUrl"]
        monkeypatch.setenv("WORKERLESS_QUEUE_URL", orders)
        core = {"table": naming.table(STAGE), "bucket": BUCKET, "topic": TOPIC, "ticks": TICKS}
        core["workflows"] = orders
        for name, told in (
            (naming.job_type_parameter(STAGE, TYPE), address),
            (naming.core_parameter(STAGE), core),
        ):
            ssm.put_parameter(Name=name, Type="String", Value=json.dumps(told))
        yield
        for client in clients:
            client.close()


def make_mapping() -> None:
    """That of the job type, as far as moto has any."""
    clients: list[Any] = [boto3.client(name) for name in ("iam", "lambda", "sqs")]
    iam, functions, sqs = clients
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    functions.create_function(
        FunctionName=naming.resource(STAGE, TYPE),
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="h.h",
        Code={"ZipFile": empty_zip()},
    )
    url = sqs.get_queue_url(QueueName=naming.resource(STAGE, TYPE))["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    functions.create_event_source_mapping(
        FunctionName=naming.resource(STAGE, TYPE),
        EventSourceArn=told["Attributes"]["QueueArn"],
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 2},
    )
    for client in clients:
        client.close()


def empty_zip() -> bytes:
    with BytesIO() as file:
        ZipFile(file, "w").close()
        return file.getvalue()
