"""Search keys as items of the table: one for each, in the partition of its value, by time.

A key only leads to a record, which has the last word: whether it is there, and has that value.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import batched

from workerless.aws.batch import MAX_STATEMENTS, Batches
from workerless.aws.item import Item, state_at
from workerless.aws.statement import insert
from workerless.aws.table import Table
from workerless.aws.value import Value, expiry, instant, text
from workerless.record import Record
from workerless.retention import BODY_LIFETIME, WEEK

_PAST = datetime.min.replace(tzinfo=UTC)


def key_items(record: Record, until: datetime) -> Sequence[Item]:
    """One for each search key of ``record``, to be there until then."""
    at = state_at(_enqueued(record), record.job_id)
    return [
        {
            **key_partition(record.job_type, field, digest),
            "sk": at,
            "expires_at": expiry(until),
        }
        for field, digest in record.search_keys.items()
    ]


def key_partition(job_type: str, field: str, digest: str) -> dict[str, Value]:
    """Where the jobs of one type lie that have this value."""
    return {"pk": text(f"KEY#{job_type}#{field}#{digest}")}


def is_of(record: Record, enqueued: int) -> bool:
    """Whether a key written at that time, in epoch milliseconds, is this record's own."""
    return _enqueued(record) == enqueued


class Keys:
    """The keys of one table. They are written before their record, which is not found without."""

    def __init__(self, table: Table, batches: Batches) -> None:
        self._table = table
        self._batches = batches

    def put(self, records: Sequence[Record]) -> None:
        """Those of new records, to stay as long as a body stored apart."""
        items = [
            item
            for record in records
            for item in key_items(record, max(_kept_until(record), record.expires_at or _PAST))
        ]
        for some in batched(items, MAX_STATEMENTS, strict=False):
            answers = self._batches.write([insert(self._table.name, item) for item in some])
            for item, answer in zip(some, answers, strict=True):
                if answer is None or answer.code is not None:
                    self._table.put(item)

    def keep(self, record: Record, until: datetime | None) -> None:
        """Have them stay until then, if their record does and they would not."""
        if until is not None and until > _kept_until(record) - WEEK:
            for item in key_items(record, until):
                self._table.put(item)


def _kept_until(record: Record) -> datetime:
    return record.run_at + BODY_LIFETIME


def _enqueued(record: Record) -> int:
    return int(instant(record.enqueued_at)["N"])
