"""The work of ``generate_report``: count what will soon be gone, then write, then tell.

Each step may be repeated: a file is written again as it is, and an email is enqueued once.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from functions.generate_report.chart import chart
from functions.generate_report.collect import Collection
from functions.generate_report.count import Rows
from functions.generate_report.day import days_meant
from functions.generate_report.figures import Figures
from functions.generate_report.files import Files, console_link, folder
from functions.generate_report.job import (
    ZONE,
    Format,
    GenerateReport,
    ReportGenerated,
    generate_report,
)
from functions.generate_report.mail import tell
from functions.generate_report.table import table
from workerless import Fail
from workerless.aws.clock import SystemClock
from workerless.aws.directory import SsmDirectory
from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.session import AwsClients
from workerless.client import Client, connect
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.ports import Directory
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
_ZONE = ZoneInfo(ZONE)
_WRITES = {
    "csv": (table, "jobs.csv", "text/csv; charset=utf-8"),
    "svg": (chart, "jobs.svg", "image/svg+xml"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the job reads, writes and tells with."""

    rows: Rows
    directory: Directory
    files: Files
    client: Client
    region: str


def perform(order: GenerateReport, job: JobContext) -> ReportGenerated:
    """Report the jobs of the stage that this function is of; see ``generate``."""
    here = WorkerEnvironment.read(os.environ)
    clients = aws_clients()
    stage = Stage(
        rows=DynamoOperatorStore(clients.dynamodb, here.table, SystemClock()),
        directory=SsmDirectory(clients.ssm, here.stage),
        files=Files(s3=s3_client(), bucket=here.bucket),
        client=connect(here.stage),
        region=s3_client().meta.region_name,
    )
    return generate(order, job, stage)


def generate(order: GenerateReport, job: JobContext, stage: Stage) -> ReportGenerated:
    """Raises ``Fail`` for a day that has not begun."""
    now = job.clock.now()
    if order.day is not None and order.day > now.astimezone(_ZONE).date():
        raise Fail(f"day must have begun in {ZONE}, got {order.day}")
    days = days_meant(order.day, job.covers, now=now, zone=_ZONE) if order.formats else []
    collection = Collection(
        rows=stage.rows,
        tracking={one.job_type: one.tracking for one in stage.directory.all()},
        files=stage.files,
        zone=_ZONE,
        now=now,
    )
    counts = collection.count(days)
    job.progress(50, step="counted")
    files, emails = [], []
    for day in days:
        figures = collection.figures(day, counts)
        # First the files: whoever gets the email shall find them.
        files += [_write(figures, one, stage.files) for one in order.formats]
        emails += tell(
            figures,
            order.recipients,
            job=job,
            client=stage.client,
            place=f"s3://{stage.files.bucket}/{folder(day)}",
            link=console_link(stage.files.bucket, day, region=stage.region),
        )
    job.progress(100, step="told")
    return ReportGenerated(hours_counted=counts.new, files=files, emails=emails)


@cache
def s3_client() -> "S3Client":
    """One client per execution environment."""
    return boto3.Session().client("s3", config=_CONFIG)


@cache
def aws_clients() -> AwsClients:
    """Those of the table and of what is deployed, one per execution environment."""
    return AwsClients()


def _write(figures: Figures, form: Format, files: Files) -> str:
    draw, name, kind = _WRITES[form]
    return files.write_report(figures.day, name, draw(figures), kind=kind)


handler = worker(generate_report)(perform)
