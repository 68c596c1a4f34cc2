"""The daily report on the local cloud: run by its schedule's name, written, and told."""

import json
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from functions.generate_report.job import RECIPIENTS, ZONE
from tests.e2e.cloud import Cloud
from workerless import State, naming
from workerless.client import Client
from workerless.job_type import JobType
from workerless.local.credentials import ACCOUNT, REGION

pytestmark = pytest.mark.local_cloud

BUCKET = naming.bucket("local", ACCOUNT, REGION)
_DAILY = "generate_report-daily"


def test_schedule_that_is_run_now_reports_yesterday_and_sends_an_email(
    cloud: Cloud, client: Client
) -> None:
    ran = _run_now(cloud)
    ended = client.job(json.loads(ran)["job_id"]).wait(timedelta(seconds=120))

    assert ended.state is State.COMPLETED, ended
    yesterday = datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=1)
    assert isinstance(ended.result, dict)
    files = [f"reports/{yesterday}/jobs.{form}" for form in ("csv", "svg")]
    assert ended.result["files"] == files
    tags = boto3.client("s3").get_object_tagging(Bucket=BUCKET, Key=files[0])["TagSet"]
    assert tags == [{"Key": "keep", "Value": "400"}]
    emails = [client.job(one).wait(timedelta(seconds=60)) for one in ended.result["emails"]]
    assert [(one.state, one.data and one.data["to"]) for one in emails] == [
        (State.COMPLETED, to) for to in RECIPIENTS
    ]


def test_report_of_today_has_the_jobs_of_today(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    act, report = job_types["act"], job_types["generate_report"]
    today = datetime.now(ZoneInfo(ZONE)).date()
    client.enqueue(act, act.payload(deed="return")).wait(timedelta(seconds=60))
    time.sleep(1)  # an index is a moment behind

    order = report.payload.model_validate({"day": today, "formats": ["csv"]})
    ended = client.enqueue(report, order).wait(timedelta(seconds=120))

    assert ended.state is State.COMPLETED, ended
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=f"reports/{today}/jobs.csv")["Body"]
    (row,) = [one for one in body.read().decode().splitlines() if f"{today},act," in one]
    assert int(row.split(",")[3]) > 0


def _run_now(cloud: Cloud) -> str:
    """A schedule is known once the sweep after its deployment has seen it."""
    give_up_at = time.monotonic() + 150
    while True:
        ran = cloud.workerless("schedules", "run", _DAILY, "--json")
        if ran.returncode == 0 or time.monotonic() > give_up_at:
            assert ran.returncode == 0, ran.stderr
            return ran.stdout
        time.sleep(5)
