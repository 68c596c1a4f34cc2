"""The stands of schedules in the stage's table: an item each.

All are in one partition of the index ``due``, beyond those of jobs, by when they are looked at.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.value import Value, instant, number, text
from workerless.due import SHARDS
from workerless.errors import CursorRefusedError, RecordUnreadableError, WorkerlessError
from workerless.schedule.stand import Stand, read_stand, write_stand
from workerless.schedule_ports import Stands

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

# Far from those of jobs, of which there may be more one day.
SCHEDULES_SHARD = SHARDS + 1_000
_PK = "SCHEDULE#"


class DynamoStands:
    """Those of one stage. They stay until somebody deletes them, so nothing expires."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read_many(self, schedule_ids: Sequence[str]) -> list[Stand | None]:
        items = self._table.read([_key(one) for one in schedule_ids])
        return [_stand(item) if item else None for item in items]

    def save(self, stand: Stand) -> bool:
        """True also where it stands there already, word for word."""
        new = {
            **_key(stand.schedule_id),
            "version": number(stand.version + 1),
            "told": text(write_stand(stand)),
            "due_shard": number(SCHEDULES_SHARD),
            "due_at": instant(stand.look_at),
            **({"made_at": instant(stand.made_at)} if stand.made_at else {}),
        }
        refused = self._table.put(
            new,
            condition=_is_as_read(stand) if stand.version else "attribute_not_exists(pk)",
            values=_as_read(stand) if stand.version else None,
        )
        return refused is None or refused.old == new

    def delete(self, stand: Stand) -> bool:
        refused = self._table.delete(
            _key(stand.schedule_id),
            condition=_is_as_read(stand),
            values=_as_read(stand),
        )
        return refused is None or refused.old is None

    def due(self, *, before: datetime, limit: int) -> list[str]:
        answer = self._table.query(_query(self._table.name, limit, before=before))
        return [_id(item) for item in answer["Items"]]

    def ids(self) -> set[str]:
        """The index has keys only: some 10,000 schedules a call."""
        found: set[str] = set()
        query = _query(self._table.name)
        while True:
            answer = self._table.query(query)
            found |= {_id(item) for item in answer["Items"]}
            if not (last := answer.get("LastEvaluatedKey")):
                return found
            query["ExclusiveStartKey"] = last

    def page(self, *, limit: int, cursor: str | None = None) -> Stands:
        query = _query(self._table.name, limit)
        if cursor is not None:
            query["ExclusiveStartKey"] = _place(cursor)
        answer = self._table.query(query)
        found = self.read_many([_id(item) for item in answer["Items"]])
        last = answer.get("LastEvaluatedKey")
        return Stands(
            found=tuple(one for one in found if one is not None),
            cursor=_cursor(last) if last else None,
        )


def _query(
    table: str, limit: int | None = None, *, before: datetime | None = None
) -> "QueryInputTypeDef":
    values = {":shard": number(SCHEDULES_SHARD)}
    query: QueryInputTypeDef = {
        "TableName": table,
        "IndexName": "due",
        "KeyConditionExpression": "due_shard = :shard" + (" AND due_at <= :at" if before else ""),
        "ExpressionAttributeValues": {**values, ":at": instant(before)} if before else values,
    }
    if limit is not None:
        query["Limit"] = limit
    return query


def _is_as_read(stand: Stand) -> str:
    return "version = :read" + (" AND made_at = :made" if stand.made_at else "")


def _as_read(stand: Stand) -> dict[str, Value]:
    made = {":made": instant(stand.made_at)} if stand.made_at else {}
    return {":read": number(stand.version), **made}


def _key(schedule_id: str) -> dict[str, Value]:
    return {"pk": text(f"{_PK}{schedule_id}"), "sk": text("STAND")}


def _id(item: Mapping[str, Value]) -> str:
    return item["pk"]["S"].removeprefix(_PK)


def _stand(item: Item) -> Stand:
    schedule_id = _id(item)
    try:
        return read_stand(
            item["told"]["S"], schedule_id=schedule_id, version=int(item["version"]["N"])
        )
    except (ValueError, LookupError, TypeError, WorkerlessError) as error:
        raise RecordUnreadableError(
            f"the stand of schedule {schedule_id} is not what this version writes: {error!r}"
        ) from error


def _cursor(last: Mapping[str, Value]) -> str:
    return json.dumps([_id(last), last["due_at"]["N"]])


def _place(cursor: str) -> dict[str, Value]:
    try:
        schedule_id, due_at = json.loads(cursor)
        place = {"due_shard": number(SCHEDULES_SHARD), "due_at": number(int(due_at))}
        return {**_key(str(schedule_id)), **place}
    except (ValueError, TypeError) as error:
        raise CursorRefusedError(
            f"cursor must be one of a page, got {ascii(cursor)[:60]}"
        ) from error
