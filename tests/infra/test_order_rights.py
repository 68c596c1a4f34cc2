"""The steps of an order may do what they do: their calls on moto, held against their roles."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module

import boto3
import pytest
from moto import mock_aws

from functions.process_order.ledger import book
from functions.process_order.table import aws_clients, stage_ledger
from tests.contract.conftest import create_table
from tests.functions.ordering import GOODS, opening
from tests.infra.cloud import Cloud
from tests.infra.rights import granted, missing, written_down
from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps

STAGE = "local"
PAYLOADS = {
    "reserve_stock": {"goods": GOODS},
    "charge_payment": {"customer": "ada", "cents": 2_100},
    "confirm_order": {"customer": "ada", "goods": GOODS, "cents": 2_100},
    "cancel_order": {},
    "refund_payment": {},
    "release_stock": {},
}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage whose accounts are opened, and the environment of a function in it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    here = WorkerEnvironment(
        stage=STAGE,
        table=naming.table(STAGE),
        bucket=naming.bucket(STAGE, "000000000000", "us-east-1"),
        queue_url="none",
        dead_letter_url="none",
    )
    for variable, value in here.render().items():
        monkeypatch.setenv(variable, value)
    aws_clients.cache_clear()
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        create_table(dynamodb, naming.table(STAGE))
        dynamodb.close()
        yield
        aws_clients().dynamodb.close()
    aws_clients.cache_clear()


@pytest.mark.usefixtures("stage")
def test_each_step_and_each_compensation_may_write_the_books(
    clouds: Callable[[str], Cloud],
) -> None:
    book(stage_ledger(), "opening", opening(), by="opening")
    cloud = clouds(STAGE)

    for name, payload in PAYLOADS.items():
        module = import_module(f"functions.{name}.handler")
        order = module.handler.job_type.payload.model_validate({"order_id": "7", **payload})
        with written_down() as needed:
            module.perform(order, a_context(name))

        assert ("dynamodb:UpdateItem", f"table/{naming.table(STAGE)}") in needed
        assert missing(needed, granted(cloud, naming.resource(STAGE, name))) == set()


def a_context(job_type: str) -> JobContext:
    """That of a job which nobody else knows."""
    clock = SystemClock()
    return JobContext(
        job_id=f"job-of-{job_type}",
        job_type=job_type,
        attempt=1,
        max_attempts=8,
        deadline=clock.now() + timedelta(seconds=30),
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=clock,
        save_progress=lambda _progress, _at: True,
        steps=Steps({}, lambda _steps: True),
    )
