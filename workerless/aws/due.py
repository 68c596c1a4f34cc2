"""Jobs that are due, out of the index of that name: one shard, the longest first."""

from collections.abc import Sequence
from datetime import datetime

from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.value import instant, number, read_instant
from workerless.ports import Due


def due_in(table: Table, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
    """At most ``limit`` jobs of ``shard`` that were due by ``before``."""
    items = table.query_until(
        "due", {"due_shard": number(shard)}, until={"due_at": instant(before)}, limit=limit
    )
    return [
        Due(job_id=item["pk"]["S"].removeprefix("JOB#"), at=read_instant(item["due_at"]))
        for item in items
    ]


def is_due(item: Item, at: datetime) -> bool:
    """Whether a job's record is to be looked at ``at`` that time."""
    return item.get("due_at") == instant(at)
