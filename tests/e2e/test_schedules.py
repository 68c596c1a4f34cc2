"""Schedules on the local cloud: the emulator fires, ticks become jobs, jobs run."""

import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.made_schedule import Told
from workerless import State
from workerless.client import Client
from workerless.schedule.tick_message import SCHEDULED_TIME

pytestmark = pytest.mark.local_cloud


@pytest.mark.last
def test_each_minute_is_one_job_that_knows_its_tick(client: Client) -> None:
    give_up_at = time.monotonic() + 400
    ids: list[str] = []
    while _count(ids, "there") < 2 and time.monotonic() < give_up_at:
        time.sleep(1)
        ids = [one.job_id for one in client.list("ticking", State.COMPLETED).records]

    assert len(set(ids)) == len(ids)
    assert _count(ids, "there") >= 2
    assert _count(ids, "often") > _count(ids, "there")
    minutes = {int(one[-5:-3]) % 2 for one in ids if one.startswith("ticking-there:")}
    assert minutes == {1}  # Kathmandu is 5:45 ahead
    assert all(one.endswith("00Z") for one in ids)
    assert client.list("ticking", State.FAILED).records == ()


@pytest.mark.last
def test_schedule_that_a_service_makes_fires_until_it_is_deleted(
    made_schedule: Future[Told],
) -> None:
    told = made_schedule.result()

    assert told.is_new
    assert told.tenant == "acme"
    assert max(one[-16:] for one in told.ids) <= told.deleted_at
    assert not told.is_listed


def _count(ids: list[str], schedule: str) -> int:
    return sum(one.startswith(f"ticking-{schedule}:") for one in ids)


@pytest.mark.usefixtures("aws", "crashes")
def test_emulator_still_reads_zones_as_utc_and_leaves_the_time_of_a_tick_out() -> None:
    clients: list[Any] = [boto3.client(name) for name in ("sqs", "scheduler")]
    sqs, scheduler = clients
    url = sqs.create_queue(QueueName="zones")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    soon = datetime.now(UTC) + timedelta(seconds=5)

    # Hours ago in Kathmandu: whoever knows zones never fires.
    scheduler.create_schedule(
        Name="zones",
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone="Asia/Kathmandu",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": arn["QueueArn"],
            "RoleArn": "arn:aws:iam::000000000000:role/any",
            "Input": SCHEDULED_TIME,
        },
    )
    got: list[str] = []
    give_up_at = time.monotonic() + 60
    while not got and time.monotonic() < give_up_at:
        told = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)
        got = [message["Body"] for message in told.get("Messages", [])]

    assert got == [SCHEDULED_TIME], "the local stage can do without knows_zones=False now"
    for client in clients:
        client.close()
