"""Schedules on the local cloud: the emulator fires, ticks become jobs, jobs run."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from workerless import Cron, JobType, Schedule, State
from workerless.client import Client
from workerless.schedule.tick_message import SCHEDULED_TIME

pytestmark = pytest.mark.local_cloud


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


def test_schedule_that_a_service_makes_fires_until_it_is_deleted(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    ticking, schedules = job_types["ticking"], client.schedules
    when, payload = Cron("* * * * *", timezone="Asia/Kathmandu"), {"text": "<{{x}}>"}
    acme = Schedule("Acme.2", when, ticking.payload.model_validate(payload), tenant="acme")
    kept = schedules.put(ticking, acme, why="they asked")
    schedule_id = kept.stand.schedule_id
    assert kept.created

    (first, *_) = _await(client, lambda one: one.startswith(f"{schedule_id}:"))
    assert client.job(first).status().tenant == "acme"
    schedules.delete(schedule_id)
    deleted = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    later = f"{datetime.now(UTC) + timedelta(minutes=1):%Y%m%dT%H%M%SZ}"
    _await(client, lambda one: one.startswith("ticking-often:") and one[-16:] > later)
    ids = _await(client, lambda one: one.startswith(f"{schedule_id}:"))
    assert max(one[-16:] for one in ids) <= deleted
    assert not [one for one in schedules.list().found if one.schedule_id == schedule_id]


def _await(client: Client, is_meant: Callable[[str], bool]) -> list[str]:
    """The ids of the completed jobs that are meant, once there is one."""
    give_up_at = time.monotonic() + 300
    while time.monotonic() < give_up_at:
        found = client.list("ticking", State.COMPLETED, limit=200).records
        if ids := [one.job_id for one in found if is_meant(one.job_id)]:
            return ids
        time.sleep(1)
    raise AssertionError("no such job has completed in five minutes")


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
