"""Jobs that are due, out of the index of that name, and the write that puts one off."""

from collections.abc import Sequence
from datetime import datetime

from workerless.aws.query import Between, Partition
from workerless.aws.table import Table
from workerless.aws.update import Update
from workerless.aws.value import instant, number, read_instant, text
from workerless.ports import Due, Postponement
from workerless.states import State


def due_in(table: Table, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
    """At most ``limit`` jobs of ``shard`` that were due by ``before``, the longest due first."""
    between = Between(name="due_at", first=number(0), last=instant(before))
    items = Partition(
        table=table, key={"due_shard": number(shard)}, index="due", between=between
    ).earliest(limit)
    return [
        Due(job_id=item["pk"]["S"].removeprefix("JOB#"), at=read_instant(item["due_at"]))
        for item in items
    ]


def postpone_due(postponement: Postponement) -> Update:
    """Move the sweeper's next look on, unless the job has moved or ended since it was found.

    A claim leaves a job where it is in the index: only its lease tells whose attempt it is.
    """
    told = {"sent_for": postponement.sent_for, "stalled_at": postponement.stalled_at}
    noted = {name: instant(at) for name, at in told.items() if at is not None}
    condition, seen = "#due_at = :seen", {":seen": instant(postponement.due.at)}
    if postponement.stalled_at is not None:
        condition += " AND #state = :running AND #lease_until = :dead"
        dead = {":running": text(State.PROCESSING), ":dead": instant(postponement.stalled_at)}
        seen |= dead
    return Update(
        condition=condition,
        changes={"due_at": instant(postponement.until), **noted},
        values=seen,
    )
