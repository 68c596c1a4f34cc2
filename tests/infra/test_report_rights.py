"""The report may do what it does: its calls on moto, held against the role of its function."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.generate_report import handler
from functions.generate_report.job import GenerateReport
from tests.contract.conftest import create_table
from tests.infra.cloud import Cloud
from tests.infra.rights import granted, missing, written_down
from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps

STAGE = "local"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage of two job types, and the environment of the report's function in it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    caches: list[Any] = [handler.s3_client, handler.aws_clients]
    with mock_aws():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm", "s3")]
        dynamodb, sqs, ssm, s3 = clients
        create_table(dynamodb, naming.table(STAGE))
        s3.create_bucket(Bucket=BUCKET)
        for name in ("generate_report", "send_email"):
            url = sqs.create_queue(QueueName=naming.resource(STAGE, name))["QueueUrl"]
            told = {"queue": url, "dead_letters": "none", "function": "f"}
            parameter = naming.job_type_parameter(STAGE, name)
            ssm.put_parameter(Name=parameter, Type="String", Value=json.dumps(told))
        here = WorkerEnvironment(
            stage=STAGE,
            table=naming.table(STAGE),
            bucket=BUCKET,
            queue_url=naming.resource(STAGE, "generate_report"),
            dead_letter_url="none",
        )
        for variable, value in here.render().items():
            monkeypatch.setenv(variable, value)
        for cached in caches:
            cached.cache_clear()
        yield
        handler.s3_client().close()
        for client in clients:
            client.close()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("stage")
def test_report_may_read_write_and_tell(clouds: Callable[[str], Cloud]) -> None:
    order = GenerateReport(recipients=["ada.lovelace@example.com"])

    with written_down() as needed:
        result = handler.perform(order, a_context())

    assert len(result.files) == 2
    assert ("dynamodb:Query", f"table/{naming.table(STAGE)}/index/by_state") in needed
    assert ("dynamodb:Query", f"table/{naming.table(STAGE)}/index/due") in needed
    assert ("sqs:SendMessage", naming.resource(STAGE, "send_email")) in needed
    assert (
        missing(needed, granted(clouds(STAGE), naming.resource(STAGE, "generate_report"))) == set()
    )


def a_context() -> JobContext:
    """That of a job which nobody else knows."""
    clock = SystemClock()
    return JobContext(
        job_id="report",
        job_type="generate_report",
        attempt=1,
        max_attempts=5,
        deadline=clock.now() + timedelta(minutes=5),
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=clock,
        save_progress=lambda _progress, _at: True,
        steps=Steps({}, lambda _steps: True),
    )
