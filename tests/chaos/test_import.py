"""An import whose process is killed again and again: each row is handed on, and once."""

import json
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from functions.import_records.job import ImportRecords
from functions.import_records.piece import PIECE_ROWS
from functions.import_records.report import report_key
from functions.save_records.job import MOST_RECORDS
from tests.chaos.cloud import TABLE, Cloud
from tests.chaos.importer import SHORT, Orders, begin, client_for
from tests.functions.importing import SOURCE, csv_of
from workerless import State
from workerless.aws.session import AwsClients
from workerless.handle import Job, JobStatus
from workerless.local import credentials
from workerless.ports import Address

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

pytestmark = pytest.mark.chaos

ROWS = 15 * PIECE_ROWS + 77
BAD = frozenset(range(500, ROWS, 5_000))
_DICE = Random(7)
_PATIENCE_SECONDS = 120.0


@pytest.fixture
def s3(cloud: Cloud) -> "S3Client":
    return cloud.session.client("s3", endpoint_url=cloud.emulator.endpoint)


@pytest.fixture
def orders(cloud: Cloud, tmp_path: Path) -> Orders:
    return Orders(
        endpoint=cloud.emulator.endpoint,
        table=TABLE,
        bucket=cloud.worker_environment().bucket,
        own=_address(cloud, SHORT.name),
        batches=_address(cloud, "save_records"),
        since=time.time(),
        signs=tmp_path,
    )


def test_import_goes_on_at_its_row_however_often_its_process_is_killed(
    cloud: Cloud, s3: "S3Client", orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in credentials.dummy(orders.endpoint).items():
        monkeypatch.setenv(name, value)
    s3.put_object(Bucket=orders.bucket, Key=SOURCE, Body=csv_of(ROWS, bad=BAD))
    client = client_for(orders, AwsClients(), orders.own)
    job = client.enqueue(SHORT, ImportRecords(source=SOURCE), job_id=f"import-{uuid4().hex}")

    rows_when_killed = [_kill_after(kill * 3 * PIECE_ROWS, job, orders) for kill in (1, 2, 3)]
    process = begin(orders)
    status = _wait_until(job, lambda status: status.state.is_terminal)
    process.kill()
    process.join()

    assert status.state is State.COMPLETED, status.errors
    assert (status.attempt, status.errors) == (1, ())
    assert status.result
    assert (status.result.rows, status.result.rejected) == (ROWS, len(BAD))
    starts = [int(one.name.split()[1]) for one in sorted(orders.signs.iterdir())]
    assert starts == sorted(starts)
    assert set(rows_when_killed) <= set(starts)
    batches = _batches(cloud, orders)
    assert sorted(batches) == list(range(1, ROWS, MOST_RECORDS))
    assert sum(batches.values()) == ROWS - len(BAD)
    (batch,) = status.result.batches
    assert client.workflow(batch).status().total == len(batches) == status.result.jobs
    assert _reported(s3, orders, job.id) == sorted(BAD)


def _kill_after(row: int, job: Job[Any], orders: Orders) -> int:
    """Begin a process and kill it a moment after it has come there; where it was by then."""
    process = begin(orders)
    _wait_until(job, lambda status: _row(status) >= row)
    time.sleep(_DICE.uniform(0, 0.4))
    process.kill()
    process.join()
    return _row(job.status())


def _row(status: JobStatus[Any]) -> int:
    return int(status.cursor["row"]) if status.cursor else 0


def _wait_until(job: Job[Any], enough: Any) -> JobStatus[Any]:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not enough(status := job.status()):
        assert time.monotonic() < give_up_at, status
        time.sleep(0.05)
    return status


def _batches(cloud: Cloud, orders: Orders) -> dict[int, int]:
    """How many records each batch has, by its first row; each job of them once in the queue."""
    found, ids = dict[int, int](), list[str]()
    while messages := cloud.sqs.receive_message(
        QueueUrl=orders.batches.queue, MaxNumberOfMessages=10, VisibilityTimeout=60
    ).get("Messages", []):
        for event in (json.loads(message["Body"]) for message in messages):
            ids.append(event["id"])
            found[event["data"]["first_row"]] = len(event["data"]["records"])
    assert len(set(ids)) == len(found)
    return found


def _reported(s3: "S3Client", orders: Orders, job_id: str) -> list[int]:
    body = s3.get_object(Bucket=orders.bucket, Key=report_key(job_id))["Body"].read().decode()
    return [int(line.split(",")[0]) for line in body.splitlines()[1:]]


def _address(cloud: Cloud, job_type: str) -> Address:
    name = uuid4().hex
    queue, dead_letters = (
        cloud.sqs.create_queue(QueueName=one)["QueueUrl"] for one in (name, f"{name}-dead")
    )
    return Address(job_type=job_type, queue=queue, dead_letters=dead_letters, function="")
