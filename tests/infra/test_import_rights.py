"""The import may do what it does: its calls on moto, held against the roles of its functions."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.import_records import handler as importing
from functions.import_records.job import ImportRecords, Place
from functions.import_records.report import Report
from functions.import_records.row import Problem
from functions.save_records import handler as saving
from functions.save_records.job import SaveRecords
from tests.contract.conftest import create_table
from tests.functions.importing import SOURCE, csv_of
from tests.infra.cloud import Cloud
from tests.infra.rights import granted, missing, written_down
from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.environment import WorkerEnvironment
from workerless.execution.checkpoints import Checkpoints
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps

STAGE = "local"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")
CHILD = naming.resource(STAGE, "save_records")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage of two job types, a file to import, and the environment of a function in it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    caches: list[Any] = [importing.s3_client, importing.client_of, saving.s3_client]
    with mock_aws():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm", "s3")]
        dynamodb, sqs, ssm, s3 = clients
        create_table(dynamodb, naming.table(STAGE))
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=csv_of(500, bad=frozenset({3})))
        url = sqs.create_queue(QueueName=CHILD)["QueueUrl"]
        told = json.dumps({"queue": url, "dead_letters": "none", "function": "f"})
        parameter = naming.job_type_parameter(STAGE, "save_records")
        ssm.put_parameter(Name=parameter, Type="String", Value=told)
        core = {"table": naming.table(STAGE), "bucket": BUCKET, "topic": "alarms"}
        core["workflows"] = sqs.create_queue(QueueName=naming.workflows_queue(STAGE))["QueueUrl"]
        ssm.put_parameter(Name=naming.core_parameter(STAGE), Type="String", Value=json.dumps(core))
        here = WorkerEnvironment(
            stage=STAGE,
            table=naming.table(STAGE),
            bucket=BUCKET,
            queue_url=naming.resource(STAGE, "import_records"),
            dead_letter_url="none",
        )
        for variable, value in here.render().items():
            monkeypatch.setenv(variable, value)
        for cached in caches:
            cached.cache_clear()
        yield
        for client in (*clients, importing.s3_client(), saving.s3_client()):
            client.close()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("stage")
def test_import_may_read_report_and_hand_on(clouds: Callable[[str], Cloud]) -> None:
    with written_down() as needed:
        result = importing.perform(ImportRecords(source=SOURCE), a_context())
        # An attempt that goes on reads what the one before has told.
        Report(s3=importing.s3_client(), bucket=BUCKET, key=str(result.report), before=1).add(
            [Problem(row=2, column="name", problem="no")]
        )

    assert (result.accepted, result.rejected, result.jobs) == (499, 1, 3)
    assert result.batches == ["import-7.1"]
    assert ("sqs:SendMessage", CHILD) in needed
    have = granted(clouds(STAGE), naming.resource(STAGE, "import_records"))
    assert missing(needed, have) == set()


@pytest.mark.usefixtures("stage")
def test_batch_may_be_saved(clouds: Callable[[str], Cloud]) -> None:
    record = {"email": "ada@example.com", "name": "Ada", "country": "GB", "spent": "1.50"}
    batch = {"import_id": "import-7", "first_row": 1, "records": [record]}

    with written_down() as needed:
        saving.perform(SaveRecords.model_validate(batch))

    assert missing(needed, granted(clouds(STAGE), CHILD)) == set()


def a_context() -> JobContext[Place]:
    """That of a job which nobody else knows."""
    clock, timeout = SystemClock(), timedelta(minutes=3)
    return JobContext(
        job_id="import-7",
        job_type="import_records",
        attempt=1,
        max_attempts=5,
        deadline=clock.now() + timeout,
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=clock,
        save_progress=lambda _progress, _at: True,
        steps=Steps({}, lambda _steps: True),
        checkpoints=Checkpoints(
            None, token="", kind=Place, timeout=timeout, save=lambda _to, _at: True
        ),
    )
