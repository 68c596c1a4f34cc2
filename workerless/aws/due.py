"""Jobs that are due, out of the index of that name: one shard, the longest first."""

from collections.abc import Sequence
from datetime import datetime

from workerless.aws.query import Between, Partition
from workerless.aws.table import Table
from workerless.aws.value import instant, number, read_instant
from workerless.ports import Due


def due_in(table: Table, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
    """At most ``limit`` jobs of ``shard`` that were due by ``before``."""
    between = Between(name="due_at", first=number(0), last=instant(before))
    items = Partition(
        table=table, key={"due_shard": number(shard)}, index="due", between=between
    ).earliest(limit)
    return [
        Due(job_id=item["pk"]["S"].removeprefix("JOB#"), at=read_instant(item["due_at"]))
        for item in items
    ]
