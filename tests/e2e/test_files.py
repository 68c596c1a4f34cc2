"""Payloads and results that are too big for messages and records, on the local cloud."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]


def test_payload_and_result_of_a_megabyte_go_through_files(
    client: Client, job_types: JobTypes
) -> None:
    act, text = job_types["act"], "☃" * 333_333
    job = client.enqueue(act, act.payload(deed="return", text=text))

    ended = job.wait(timedelta(seconds=60))

    assert (ended.state, ended.attempt) == (State.COMPLETED, 1)
    assert ended.data == {"deed": "return", "text": text, "hushed": "nothing"}
    assert ended.result is not None
    assert ended.result.text == text


def test_payload_that_somebody_deleted_fails_its_job(client: Client, job_types: JobTypes) -> None:
    act, text = job_types["act"], "x" * 300_000
    job = client.enqueue(
        act, act.payload(deed="return", text=text), job_id="lost", delay=timedelta(seconds=3)
    )
    core = boto3.client("ssm").get_parameter(Name="/workerless/local/core")["Parameter"]["Value"]
    s3, bucket = boto3.client("s3"), json.loads(core)["bucket"]
    (file,) = s3.list_objects_v2(Bucket=bucket, Prefix="payloads/act/lost/")["Contents"]

    s3.delete_object(Bucket=bucket, Key=file["Key"])
    ended = job.wait(timedelta(seconds=60))

    assert (ended.state, ended.failed_reason) == (State.FAILED, "payload_missing")
    assert ended.data is None
