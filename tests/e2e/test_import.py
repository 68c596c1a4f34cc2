"""An import on the local cloud: a file comes in, its rows are saved by jobs of their own."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.functions.importing import csv_of
from workerless import State, naming
from workerless.client import Client
from workerless.job_type import JobType
from workerless.local.credentials import ACCOUNT, REGION

pytestmark = pytest.mark.local_cloud

BUCKET = naming.bucket("local", ACCOUNT, REGION)
SOURCE = "imports/uploads/e2e.csv"
ROWS = 9_000
BAD = frozenset({1, 4_000, 4_001, ROWS})
_PATIENCE_SECONDS = 180.0


def test_file_is_imported_and_what_is_wrong_is_reported(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=csv_of(ROWS, bad=BAD))
    importing = job_types["import_records"]

    job = client.enqueue(importing, importing.payload.model_validate({"source": SOURCE}))
    ended = job.wait(timedelta(seconds=_PATIENCE_SECONDS))

    assert ended.state is State.COMPLETED, ended.errors
    assert ended.result is not None
    assert (ended.result.rows, ended.result.rejected, ended.result.jobs) == (ROWS, 4, 45)
    (batch,) = ended.result.batches
    saved = client.workflow(batch).wait(timedelta(seconds=_PATIENCE_SECONDS))
    assert (saved.state, saved.total, saved.completed) == ("completed", 45, 45)
    assert ended.cursor["row"] == ROWS
    assert ended.progress is not None
    assert ended.progress.percent == 100
    report = s3.get_object(Bucket=BUCKET, Key=ended.result.report)["Body"].read().decode()
    assert [int(line.split(",")[0]) for line in report.splitlines()[1:]] == sorted(BAD)
    assert _saved_in_the_end(f"imports/saved/{job.id}/", ROWS - 4) == ROWS - 4


def _saved_in_the_end(prefix: str, wanted: int) -> int:
    """How many records are saved, once there are enough, or patience ends."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while (saved := sum(_records(prefix))) < wanted and time.monotonic() < give_up_at:
        time.sleep(1)
    return saved


def _records(prefix: str) -> Iterator[int]:
    s3 = boto3.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for found in page.get("Contents", []):
            body = s3.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
            yield len(body.splitlines())
