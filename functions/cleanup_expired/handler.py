"""The work of ``cleanup_expired``."""

import os
from datetime import timedelta
from functools import cache

from functions.cleanup_expired.bucket import Bucket
from functions.cleanup_expired.job import CleanedUp, CleanupExpired, Kind, Swept, cleanup_expired
from functions.cleanup_expired.sweeping import Run, sweep_files
from functions.cleanup_expired.table import LivingRecords, Locks, read_bookmarks, write_bookmarks
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.worker import worker

# A page, each of its files asked for and removed, takes seconds.
_TIME_FOR_A_PAGE = timedelta(seconds=45)


def perform(order: CleanupExpired, job: JobContext) -> CleanedUp:
    """Clean up the stage of this function; see ``clean_up``."""
    return clean_up(order, job, clients=aws_clients(), here=WorkerEnvironment.read(os.environ))


def clean_up(
    order: CleanupExpired, job: JobContext, *, clients: AwsClients, here: WorkerEnvironment
) -> CleanedUp:
    """One slice of each kind; where it ended is written down before the next one is begun.

    Whoever dies in between looks at a slice again: what is gone is not found again.
    """
    table = Table(clients.dynamodb, here.table, job.clock)
    run = Run(
        now=job.clock.now(),
        limit=order.limit,
        dry_run=order.dry_run,
        has_time=lambda: job.time_left() > _TIME_FOR_A_PAGE,
    )
    files, records = Bucket(clients.s3, here.bucket), LivingRecords(table, run.now)
    bookmarks, told = read_bookmarks(table), dict[Kind, Swept]()
    kinds = list(dict.fromkeys(order.kinds))
    for kind in kinds:
        after = bookmarks.pop(kind, None)
        if kind is Kind.LOCKS:
            told[kind], after = Locks(clients.dynamodb, table).sweep(after, run)
        else:
            told[kind], after = sweep_files(kind, after, run, files=files, records=records)
        if after is not None:
            bookmarks[kind] = after
        if not order.dry_run:
            write_bookmarks(table, bookmarks)
        job.progress(100 * len(told) / len(kinds), step=kind.value)
    return CleanedUp(dry_run=order.dry_run, kinds=told)


@cache
def aws_clients() -> AwsClients:
    """One set per execution environment."""
    return AwsClients()


handler = worker(cleanup_expired)(perform)
