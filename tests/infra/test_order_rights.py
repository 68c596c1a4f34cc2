"""The steps of an order may do what they do: their calls on moto, held against their roles."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

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
# Which job each is, and what it is given besides the order's id.
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "reserve_stock": ("reserve", {"goods": GOODS}),
    "charge_payment": ("charge", {"customer": "ada", "cents": 2_100}),
    "confirm_order": ("confirm", {"customer": "ada", "goods": GOODS, "cents": 2_100}),
    "cancel_order": ("confirm-undo", {}),
    "refund_payment": ("charge-undo", {}),
    "release_stock": ("reserve-undo", {}),
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

    for name, (job_id, payload) in JOBS.items():
        module = import_module(f"functions.{name}.handler")
        order = module.handler.job_type.payload.model_validate({"order_id": "7", **payload})
        with written_down() as needed:
            module.perform(order, a_context(name, job_id))

        assert ("dynamodb:UpdateItem", f"table/{naming.table(STAGE)}") in needed
        assert missing(needed, granted(cloud, naming.resource(STAGE, name))) == set()


def a_context(job_type: str, job_id: str) -> JobContext:
    """That of a job which nobody else knows."""
    clock = SystemClock()
    return JobContext(
        job_id=job_id,
        job_type=job_type,
        attempt=1,
        max_attempts=8,
        deadline=clock.now() + timedelta(seconds=30),
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=clock,
        save_progress=lambda _progress, _at: True,
        steps=Steps({}, lambda _steps: True),
    )
