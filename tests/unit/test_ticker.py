"""The ticker's Lambda function, on moto."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.ticker.handler import handler
from tests.contract.conftest import create_table
from tests.unit.schedule.at_nine import a_plan
from workerless.client import connect
from workerless.schedule.schedule import Overlap
from workerless.schedule.tick_message import SCHEDULED_TIME, tick_input
from workerless.states import State

TICK = datetime(2026, 6, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 6, 1, 10, tzinfo=UTC)


def an_event(plan_input: str, time: datetime) -> dict[str, Any]:
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": plan_input.replace(SCHEDULED_TIME, time.isoformat()),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1780304402000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:workerless-test--ticks",
    }
    return {"Records": [record]}


def test_ticks_become_jobs_and_a_later_one_calls_off_what_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORKERLESS_STAGE", "test")
    monkeypatch.setenv("WORKERLESS_TABLE", "workerless-test")
    monkeypatch.setenv("WORKERLESS_BUCKET", "workerless-test-files")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    now = [TICK]
    monkeypatch.setattr("workerless.aws.clock.SystemClock.now", lambda _: now[0])
    plan = a_plan(overlap=Overlap.CANCEL_OLD)
    with mock_aws():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm")]
        dynamodb, sqs, ssm = clients
        create_table(dynamodb, "workerless-test")
        url = sqs.create_queue(QueueName="workerless-test-report")["QueueUrl"]
        address = {"queue": url, "dead_letters": url, "function": "workerless-test-report"}
        ssm.put_parameter(
            Name="/workerless/test/job-types/report", Type="String", Value=json.dumps(address)
        )

        answers = [handler(an_event(tick_input(plan), TICK), object()) for _ in range(2)]
        now[0] = LATER
        answers.append(handler(an_event(tick_input(plan), LATER), object()))

        assert answers == [{"batchItemFailures": []}] * 3
        states = [connect("test").job(plan.job_id(tick)).status().state for tick in (TICK, LATER)]
        assert states == [State.CANCELLED, State.PENDING]
        depth = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert depth["ApproximateNumberOfMessages"] == "2"
        for client in clients:
            client.close()
