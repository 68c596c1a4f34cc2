"""What the worker of a plain, synchronous job type loads before its first job can start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a job type's handler.py comes to, without work of its own.
PLAIN = """
import sys
from workerless import JobType, Payload
from workerless.worker import worker

class Noop(Payload):
    "Nothing to do."

handler = worker(JobType(name="noop", payload=Noop))(lambda payload: None)
print(*sys.modules)
"""
ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "workerless-local-noop",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "WORKERLESS_STAGE": "local",
    "WORKERLESS_TABLE": "table",
    "WORKERLESS_BUCKET": "bucket",
    "WORKERLESS_QUEUE_URL": "http://127.0.0.1/queue",
    "WORKERLESS_DEAD_LETTER_URL": "http://127.0.0.1/dead",
}
# Only async handlers need asyncio, and nobody boto3: botocore makes the same clients without it.
UNWANTED = {"asyncio", "boto3", "s3transfer", "multiprocessing", "aws_xray_sdk", "opentelemetry"}
# Those of producers, operators and tests.
UNWANTED_OF_OURS = {
    "catalogue",
    "cli",
    "client",
    "discovery",
    "enqueueing",
    "handle",
    "local",
    "sweeper",
    "testing",
}
# Each costs about half a millisecond. Raise it for what every worker needs, and nothing else.
MOST_OF_OURS = 72


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", PLAIN],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(answer.stdout.split())


def test_plain_worker_has_its_clients_ready(loaded: set[str]) -> None:
    assert {"botocore.client", "aws_lambda_powertools", "workerless.aws.dynamodb"} <= loaded


def test_plain_worker_loads_nothing_that_only_others_need(loaded: set[str]) -> None:
    assert {name.split(".")[0] for name in loaded} & UNWANTED == set()


def test_plain_worker_loads_few_modules_of_ours(loaded: set[str]) -> None:
    ours = {name for name in loaded if name.split(".")[0] == "workerless"}

    assert {name.split(".")[1] for name in ours if "." in name} & UNWANTED_OF_OURS == set()
    assert len(ours) <= MOST_OF_OURS
