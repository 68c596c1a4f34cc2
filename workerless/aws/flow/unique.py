"""The last job of each key, an item ``UNIQUE#<job type>#<key>`` that names it.

A new job's record and the item are written in one transaction, and so is the end of a job that it
supersedes. The item lives as long as what its job needs to run: whoever makes a job wait longer
moves both on (``DynamoStore``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workerless.aws.batch import Batches
from workerless.aws.decision import difference
from workerless.aws.item import Item, index_values, record_key, to_record
from workerless.aws.last import last_item, last_key
from workerless.aws.search_key import Keys
from workerless.aws.single import SingleWrites, new_item
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update, whole_seconds
from workerless.aws.value import Value, instant, number, text
from workerless.due import due_at
from workerless.ports import Clock
from workerless.record import Record
from workerless.retention import has_expired
from workerless.spread import Spread, in_turn
from workerless.unique_ports import Known, Place

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_AS_SEEN = "#state = :seen_state AND #generation = :seen_generation AND #updated_at = :seen_at"


class DynamoUniqueStore:
    """Those of one stage. ``spread`` is how many places are taken."""

    def __init__(
        self, client: "DynamoDBClient", table: str, clock: Clock, spread: Spread = in_turn
    ) -> None:
        self._table = Table(client, table, clock)
        self._keys = Keys(self._table, Batches(self._table))
        self._single = SingleWrites(self._table, self._keys)
        self._clock = clock
        self._spread = spread

    def known_many(self, records: Sequence[Record]) -> list[Known]:
        """All keys first, and then all records that they lead to."""
        own = [record_key(record.job_id) for record in records]
        found = self._table.read([*own, *(last_key(record) for record in records)])
        owns, lasts = found[: len(own)], found[len(own) :]
        ids = [item["job_id"]["S"] if item else None for item in lasts]
        named = self._table.read([record_key(one) for one in ids if one is not None])
        last = iter(named)
        return [
            Known(
                own=self._living(mine), last_id=one, last=self._living(next(last)) if one else None
            )
            for mine, one in zip(owns, ids, strict=True)
        ]

    def place_many(self, places: Sequence[Place]) -> list[bool]:
        return self._spread(self._place, places)

    def _place(self, place: Place) -> bool:
        record, known = place.record, place.known
        self._single.put_body(record)
        self._keys.put([record])
        if known.last is not None and record.job_id == known.last_id:
            update = _as_seen(known.last, _replacement(known.last, record))
            return not isinstance(self._table.update(record_key(record.job_id), update), Refused)
        writes = [self._new(record), self._last(record, known.last_id)]
        if known.last is not None:
            writes.append(self._beside(known.last, place.ended))
        return self._table.transact(writes)

    def _new(self, record: Record) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self._table.name,
                "Item": new_item(record),
                "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                "ExpressionAttributeValues": {":now": whole_seconds(self._clock.now())},
            }
        }

    def _last(self, record: Record, last_id: str | None) -> "TransactWriteItemTypeDef":
        name, item = self._table.name, last_item(record)
        if last_id is None:
            only = "attribute_not_exists(pk)"
            return {"Put": {"TableName": name, "Item": item, "ConditionExpression": only}}
        return {
            "Put": {
                "TableName": name,
                "Item": item,
                "ConditionExpression": "job_id = :last",
                "ExpressionAttributeValues": {":last": text(last_id)},
            }
        }

    def _beside(self, last: Record, ended: Record | None) -> "TransactWriteItemTypeDef":
        """The last job as it was seen, and as it shall be: a redrive of it is in the way."""
        update = _as_seen(last, difference(last, ended) if ended is not None else {})
        return self._table.step(record_key(last.job_id), update)

    def _living(self, item: Item | None) -> Record | None:
        record = to_record(item) if item is not None else None
        return None if record is None or has_expired(record, self._clock.now()) else record


def _as_seen(seen: Record, changes: "dict[str, Value | None]") -> Update:
    return Update(
        condition=_AS_SEEN,
        changes=changes,
        values={
            ":seen_state": text(seen.state),
            ":seen_generation": number(seen.generation),
            ":seen_at": instant(seen.updated_at),
        },
    )


def _replacement(seen: Record, after: Record) -> "dict[str, Value | None]":
    """The body where it lies: that of the new payload may have to move."""
    due = index_values(after, due=due_at(after.run_at, after.updated_at))
    return {**difference(seen, after), **due, "body": new_item(after).get("body")}
