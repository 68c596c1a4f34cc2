"""A deployed stage with one job type, on moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.contract.conftest import create_table
from tests.partiql import spoken_by_moto
from workerless import JobType, Payload, naming
from workerless.environment import SweeperEnvironment

STAGE, TYPE = "local", "task"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")


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
        address = {"queue": url, "dead_letters": dead, "function": "f"}
        orders = sqs.create_queue(QueueName=naming.workflows_queue(STAGE))["QueueUrl"]
        monkeypatch.setenv("WORKERLESS_QUEUE_URL", orders)
        core = {"table": naming.table(STAGE), "bucket": BUCKET, "topic": "alarms", "ticks": TICKS}
        core["workflows"] = orders
        for name, told in (
            (naming.job_type_parameter(STAGE, TYPE), address),
            (naming.core_parameter(STAGE), core),
        ):
            ssm.put_parameter(Name=name, Type="String", Value=json.dumps(told))
        yield
        for client in clients:
            client.close()
