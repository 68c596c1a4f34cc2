"""The ledger in the stage's table: a JSON text an item, in partitions of their own.

``OPERATIONS`` holds the bulk operations by id, ``RUNNING`` the ids of those that were woken,
``AUDIT`` the entries by id, ``GROUPS#<job type>`` the decisions by fingerprint. Ids sort by time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.value import Value, expiry, number, text
from workerless.errors import OperationNotFoundError, RecordUnreadableError
from workerless.ledger import (
    AUDIT_RETENTION,
    OPERATION_RETENTION,
    Decision,
    Entry,
    Operation,
    Sheet,
    Stand,
    checked_cursor,
    checked_limit,
    is_id,
)
from workerless.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OPERATION, _ENTRY = TypeAdapter(Operation), TypeAdapter(Entry)
_DECISION = TypeAdapter(Decision)


class DynamoLedger:
    """The ledger of one stage."""

    def __init__(self, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._table = Table(client, table, clock)

    def open(self, operation: Operation) -> None:
        self._table.put(_operation_item(operation), condition="attribute_not_exists(pk)")

    def wake(self, operation: Operation) -> None:
        """At this version: an older one, read meanwhile, does not put it to sleep again."""
        item = _key("RUNNING", operation.operation_id)
        self._table.put({**item, "version": number(operation.version)})

    def operation(self, operation_id: str) -> Operation:
        """Raises ``OperationNotFoundError``."""
        # DynamoDB refuses to look for a key that it could not hold.
        key = _key("OPERATIONS", operation_id)
        (item,) = self._table.read([key]) if is_id(operation_id) else [None]
        if item is None:
            raise OperationNotFoundError(
                f"no operation has the id {operation_id!r}: never started in this stage, or past "
                "its retention"
            )
        return _read(_OPERATION, item)

    def operations(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Operation]:
        return self._sheet("OPERATIONS", _OPERATION, limit, cursor)

    def running(self) -> Sequence[Operation]:
        """Those that run no more are put to sleep on the way."""
        awake = self._table.partition("RUNNING", before=None, limit=None)
        ids = sorted(item["sk"]["S"] for item in awake)
        items = self._table.read([_key("OPERATIONS", one) for one in ids])
        known = [_read(_OPERATION, item) for item in items if item is not None]
        for one in known:
            if one.stand is not Stand.RUNNING:
                self._table.delete(
                    _key("RUNNING", one.operation_id),
                    condition="version <= :read",
                    values={":read": number(one.version)},
                )
        return [one for one in known if one.stand is Stand.RUNNING]

    def save(self, operation: Operation) -> bool:
        """True also where it stands there already, word for word."""
        new = _operation_item(replace(operation, version=operation.version + 1))
        refused = self._table.put(
            new, condition="version = :read", values={":read": number(operation.version)}
        )
        return refused is None or (refused.old or {}).get("told") == new["told"]

    def decide(self, decision: Decision) -> None:
        key = _key(_group(decision.job_type), decision.fingerprint)
        self._table.put({**key, "told": _told(_DECISION, decision)})

    def decisions(self, job_type: str) -> Mapping[str, Decision]:
        items = self._table.partition(_group(job_type), before=None, limit=None)
        return {item["sk"]["S"]: _read(_DECISION, item) for item in items}

    def note(self, entry: Entry) -> None:
        key, until = _key("AUDIT", entry.entry_id), entry.at + AUDIT_RETENTION
        self._table.put({**key, "told": _told(_ENTRY, entry), "expires_at": expiry(until)})

    def entries(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Entry]:
        return self._sheet("AUDIT", _ENTRY, limit, cursor)

    def _sheet[V](self, pk: str, kind: TypeAdapter[V], limit: int, cursor: str | None) -> Sheet[V]:
        """One more than asked for tells whether there is more."""
        before = checked_cursor(cursor)
        items = self._table.partition(pk, before=before, limit=checked_limit(limit) + 1)
        more = len(items) > limit
        return Sheet(
            items=tuple(_read(kind, item) for item in items[:limit]),
            cursor=items[limit - 1]["sk"]["S"] if more else None,
        )


def _key(pk: str, sk: str) -> dict[str, Value]:
    return {"pk": text(pk), "sk": text(sk)}


def _group(job_type: str) -> str:
    return f"GROUPS#{job_type}"


def _operation_item(operation: Operation) -> dict[str, Value]:
    return {
        **_key("OPERATIONS", operation.operation_id),
        "version": number(operation.version),
        "told": _told(_OPERATION, operation),
        "expires_at": expiry(operation.created_at + OPERATION_RETENTION),
    }


def _told(kind: TypeAdapter[Any], value: object) -> Value:
    return text(kind.dump_json(value).decode())


def _read[V](kind: TypeAdapter[V], item: Item) -> V:
    try:
        return kind.validate_json(item["told"]["S"])
    except (LookupError, ValidationError) as error:
        raise RecordUnreadableError(
            f"item {item.get('pk')}, {item.get('sk')} is none of the ledger's: "
            f"{type(error).__name__}"
        ) from error
