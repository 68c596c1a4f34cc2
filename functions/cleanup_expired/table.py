"""What the stage's table says: records, locks, and where the run before ended."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.cleanup_expired.job import BOOKMARKS, LOCKS, Kind, Swept
from functions.cleanup_expired.sweeping import Run
from workerless.aws.item import Item, record_key
from workerless.aws.table import Table
from workerless.aws.value import expiry, read_expiry, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

# DynamoDB removes within a few days what is past its time, and for nothing.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
LATE = timedelta(days=3)
_PAGE = 500
_KEY: Item = {"pk": text(BOOKMARKS), "sk": text("BOOKMARKS")}


class LivingRecords:
    """See ``sweeping.Records``."""

    def __init__(self, table: Table, now: datetime) -> None:
        self._table = table
        self._now = now

    def living(self, job_ids: Sequence[str]) -> set[str]:
        items = self._table.read([record_key(job_id) for job_id in job_ids])
        return {one for one, item in zip(job_ids, items, strict=True) if self._lives(item)}

    def _lives(self, item: Item | None) -> bool:
        """Also what only a later version can read: nothing but its time is looked at."""
        if item is None:
            return False
        return "expires_at" not in item or read_expiry(item["expires_at"]) > self._now


class Locks:
    """Items that nobody holds any more. Whoever asks for one meets an expired one as none at all.

    So DynamoDB may remove them at any moment, and so may we.
    """

    def __init__(self, client: "DynamoDBClient", table: Table) -> None:
        self._client = client
        self._table = table

    def sweep(self, after: str | None, run: Run) -> tuple[Swept, str | None]:
        """Look through the table as ``sweep_files`` does. ``seen`` are its items, locks or not."""
        seen = removed = 0
        is_through = False
        while not is_through and seen < run.limit and run.has_time():
            told = self._client.scan(**_scan(self._table.name, after, run))
            for item in told["Items"]:
                removed += run.dry_run or self._remove(item)
            seen += told["ScannedCount"]
            last = told.get("LastEvaluatedKey")
            after = json.dumps([last["pk"]["S"], last["sk"]["S"]]) if last else None
            is_through = after is None
        return Swept(seen=seen, removed=removed, size_bytes=0, is_through=is_through), after

    def _remove(self, item: Item) -> bool:
        """Unless somebody has taken it meanwhile, which moves its time on."""
        refused = self._table.delete(
            {"pk": item["pk"], "sk": item["sk"]},
            condition="#expires_at = :seen",
            values={":seen": item["expires_at"]},
        )
        return refused is None


def read_bookmarks(table: Table) -> dict[Kind, str]:
    """Where each kind goes on; one that is missing begins anew."""
    [item] = table.read([_KEY])
    return {kind: item[kind.value]["S"] for kind in Kind if item and kind.value in item}


def write_bookmarks(table: Table, bookmarks: Mapping[Kind, str]) -> None:
    """One item, replaced as a whole: of two runs at once the later is believed, to no harm."""
    table.put({**_KEY, **{kind.value: text(after) for kind, after in bookmarks.items()}})


def _scan(table: str, after: str | None, run: Run) -> "ScanInputTypeDef":
    locks = [f"begins_with(pk, :lock{number})" for number in range(len(LOCKS))]
    scan: ScanInputTypeDef = {
        "TableName": table,
        "Limit": _PAGE,
        "Select": "SPECIFIC_ATTRIBUTES",
        "ProjectionExpression": "pk, sk, expires_at",
        "FilterExpression": f"({' OR '.join(locks)}) AND expires_at < :past",
        "ExpressionAttributeValues": {
            **{f":lock{number}": text(lock) for number, lock in enumerate(LOCKS)},
            ":past": expiry(run.now - LATE),
        },
    }
    if after is not None:
        pk, sk = json.loads(after)
        scan["ExclusiveStartKey"] = {"pk": text(pk), "sk": text(sk)}
    return scan
