"""The work of ``import_records``: read, check, hand on, and keep how far it is.

A piece is handed on first, under ids that its rows have for good, then told of, then checkpointed:
whoever dies in between does the piece again, and nothing comes of it twice.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from functions.import_records.job import ImportRecords, Place, RecordsImported, import_records
from functions.import_records.piece import pieces
from functions.import_records.report import Report, report_key
from functions.import_records.row import header, rows
from functions.import_records.saving import Saving
from functions.import_records.source import Source, opened
from workerless import Fail
from workerless.client import Client, connect
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONFIG = Config(
    connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5}
)
_HEADER_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the job reads and writes with, and enqueues by."""

    s3: "S3Client"
    bucket: str
    client: Client


def perform(order: ImportRecords, job: JobContext[Place]) -> RecordsImported:
    """Import a file of the project's bucket; see ``import_file``."""
    here = WorkerEnvironment.read(os.environ)
    stage = Stage(s3=s3_client(), bucket=here.bucket, client=client_of(here.stage))
    return import_file(order, job, stage)


def import_file(order: ImportRecords, job: JobContext[Place], stage: Stage) -> RecordsImported:
    """Raises ``Fail`` for a file that is missing, has changed meanwhile, or is no such CSV."""
    place = job.cursor
    source = opened(stage.s3, stage.bucket, order.source, etag=place.etag if place else None)
    columns, first = header(source.lines(0, range_bytes=_HEADER_BYTES), order.separator)
    place = place or Place(etag=source.etag, offset=first)
    report = Report(s3=stage.s3, bucket=stage.bucket, key=report_key(job.job_id), before=place.row)
    saving = Saving(stage.client, job, place.batch)
    try:
        lines = source.lines(place.offset)
        read = rows(lines, columns, order.separator, offset=place.offset, before=place.row)
        for piece in pieces(read, place, job.job_id):
            saving.add(piece.batches, place)
            report.add(piece.problems)
            place = piece.place.model_copy(update={"batch": saving.batch})
            _tell(place, source, job)
            job.checkpoint(place)
    except Fail:
        if place.jobs:
            saving.let_go()
        raise
    if place.jobs:
        saving.let_go()
    return RecordsImported(
        rows=place.row,
        accepted=place.accepted,
        rejected=place.rejected,
        jobs=place.jobs,
        batches=saving.ids() if place.jobs else [],
        report=report.key if place.rejected else None,
    )


def _tell(place: Place, source: Source, job: JobContext[Place]) -> None:
    step = f"{place.row:,} rows, {place.rejected:,} rejected"
    job.progress(100 * place.offset / source.size, step)


@cache
def s3_client() -> "S3Client":
    """One client per execution environment."""
    return boto3.Session().client("s3", config=_CONFIG)


@cache
def client_of(stage: str) -> Client:
    """The same."""
    return connect(stage)


handler = worker(import_records)(perform)
