"""The work of ``save_records``: put your own database here. This one writes lines of JSON."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from functions.save_records.job import RecordsSaved, SaveRecords, save_records
from workerless.environment import WorkerEnvironment
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


def perform(order: SaveRecords) -> RecordsSaved:
    """Save them in the project's bucket; see ``save``."""
    return save(order, s3=s3_client(), bucket=WorkerEnvironment.read(os.environ).bucket)


def save(order: SaveRecords, *, s3: "S3Client", bucket: str) -> RecordsSaved:
    """One file, and the same one however often the job runs."""
    key = f"imports/saved/{order.import_id}/{order.first_row:012}.jsonl"
    lines = "".join(f"{record.model_dump_json()}\n" for record in order.records)
    s3.put_object(Bucket=bucket, Key=key, Body=lines.encode(), ContentType="application/x-ndjson")
    return RecordsSaved(key=key, saved=len(order.records))


@cache
def s3_client() -> "S3Client":
    """One client per execution environment."""
    return boto3.Session().client("s3", config=_CONFIG)


handler = worker(save_records)(perform)
