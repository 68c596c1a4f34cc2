"""Writes checkouts with job types that sit on the edges of what may be declared."""

from pathlib import Path

# Declarations after ``name=...`` and ``payload=...``; the names are folder names, too.
EDGES = {
    "plain": "",
    "lanes": "lanes=TIERS, concurrency=20",
    "most_lanes": (
        "lanes=Lanes({f'l{number}': 100 for number in range(10)}, default='l9'), concurrency=20"
    ),
    "one_at_a_time": "concurrency=1",
    "keyed": (
        "concurrency_key=Concurrency(2, key='text', group='bank'), lanes=TIERS, concurrency=6"
    ),
    "keyed_too": (
        "concurrency_key=Concurrency(2, key='text', group='bank'),"
        " rate_limits=(RateLimit(9, per=timedelta(seconds=1), key='text'),)"
    ),
    "pooled_long": (
        "timeout=timedelta(minutes=10), memory_mb=512, environment={'PLACE': '{stage}'},"
        " permissions=(Allow(actions=('s3:GetObject',),"
        " resources=('arn:{partition}:s3:::{bucket}/out/*',)),)"
    ),
    "pooled_lanes": "lanes=TIERS, concurrency=10, environment={'PLACE': '{stage}'}",
    "pooled_untracked": "tracking=Tracking.OFF",
    "pooled_keyed": "concurrency_key=Concurrency(2, key='text', group='bank')",
    "scheduled": (
        "schedules=(Schedule('nightly', Cron('0 0 13 * FRI', timezone='Asia/Tokyo'),"
        " Input(text='<{{resolve:ssm:x}}>'), spread=timedelta(minutes=30)),"
        " Schedule('often', Every(minutes=7), Input(text='b')),"
        " Schedule('daily_report', Once(datetime(2036, 1, 1, tzinfo=UTC)), Input(text='c')))"
    ),
    "sourced": (
        "sources=(FromEventBridge('orders', {'source': ['shop'], 'detail-type': ['OrderPlaced']},"
        " fields={'text': '$.detail.order.text'}, id_from='$.detail.order.id', bus='shop-{stage}'),"
        " FromS3('uploads', prefix='uploads/', suffix='.jpg',"
        " fields={'text': '$.detail.object.key'}),"
        " FromSns('news', 'arn:{partition}:sns:{region}:{account}:news', filter={'kind': ['a']})),"
        " lanes=TIERS, concurrency=10"
    ),
    "parent": "children=('lanes', 'guarded', 'parent')",
    "guarded": "unique=Unique(by=('text',)), max_waiting=MaxWaiting(limit=5)",
    "shy": "result=Shy, version=2",
    "lean": "tracking=Tracking.LEAN",
    "untracked": "tracking=Tracking.OFF",
    "shortest": "timeout=timedelta(seconds=1), concurrency=2",
    "odd_time": "timeout=timedelta(seconds=1.5), batch_size=7",
    "longest": "timeout=timedelta(minutes=14, seconds=50), retry=Fixed(attempts=100)",
    "largest": (
        "batch_size=50, concurrency=1000, batching_window=timedelta(minutes=5),"
        " memory_mb=10240, ephemeral_storage_mb=10240"
    ),
    "owned": (
        "owner='Team Mail', runbook='https://example.com/runbooks/owned',"
        " by_error={ValueError: Fixed(cap=timedelta(hours=12))},"
        " environment={'UPLOADS': 's3://{bucket}/{stage}', 'KEY_SECRET_PARAMETER': '/a/{stage}'},"
        " permissions=(Allow(actions=('s3:GetObject',),"
        " resources=('arn:{partition}:s3:::{bucket}/in/*',)),)"
    ),
}

_JOB = '''
from datetime import UTC, datetime, timedelta

from workerless.backoff import Fixed
from workerless.flow.autoscale import Autoscale
from workerless.flow.concurrency import Concurrency
from workerless.flow.guard import MaxWaiting
from workerless.flow.lanes import TIERS, Lanes
from workerless.flow.rate import RateLimit
from workerless.flow.unique import Unique
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.permission import Allow
from workerless.schedule.schedule import Schedule
from workerless.schedule.when import Cron, Every, Once
from workerless.sensitive import Sensitive
from workerless.source import FromEventBridge, FromS3, FromSns
from workerless.tracking import Tracking


class Input(Payload):
    """What {name} is told."""

    text: str


class Shy(Result):
    """What nobody may see."""

    token: Sensitive[str]


job_type = JobType(name="{name}", payload=Input, {declared})
'''

_HANDLER = '''
from functions.{name}.job import Input, job_type
from workerless.worker import worker


def perform(payload: Input) -> None:
    """Does nothing."""


handler = worker(job_type)(perform)
'''


def write_checkout(root: Path, declarations: dict[str, str]) -> Path:
    """A checkout at ``root`` with a job type for each name, told apart by what it declares."""
    package = root / "functions"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for name, declared in declarations.items():
        folder = package / name
        folder.mkdir()
        (folder / "job.py").write_text(_JOB.format(name=name, declared=declared))
        (folder / "handler.py").write_text(_HANDLER.format(name=name))
    return root
