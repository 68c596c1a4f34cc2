"""What AWS would bill: requests by operation, and write units by DynamoDB's own rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadWriteCapacityMode.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations
"""

from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from workerless.aws.value import size
from workerless.search import LISTED_ATTRIBUTES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = Mapping[str, Any]

_UNIT_BYTES = 1_024
# The keys of each index, and what else it holds of an item.
_INDEXES = (
    (("due_shard", "due_at"), ()),
    (("state_key", "state_at"), LISTED_ATTRIBUTES),
)
_CONDITION_FAILED = {"ConditionalCheckFailedException", "ConditionalCheckFailed", "DuplicateItem"}
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "BatchExecuteStatement"}


class Meter:
    """Reads along with one client. ``units`` is what its writes cost, indexes included.

    A write is priced by what it changed, seen through ``observer``, another client of the same
    table: so any way to say it costs what its effect costs. That reads all of the table after each
    write; ``is_pricing`` False counts requests only.
    """

    def __init__(self, client: "DynamoDBClient", observer: "DynamoDBClient", table: str) -> None:
        self.requests: Counter[str] = Counter()
        self.units = 0
        self.is_pricing = True
        self._observer = observer
        self._table = table
        self._items: dict[tuple[str, str], Item] = {}
        self._events = client.meta.events
        self._events.register_first("after-call.dynamodb.*", self._called)

    def close(self) -> None:
        self._events.unregister("after-call.dynamodb.*", self._called)

    def _called(self, model: Any, parsed: Mapping[str, Any], **_: object) -> None:
        self.requests[model.name] += 1
        if not self.is_pricing or model.name not in _WRITES:
            return
        before, self._items = self._items, self._read()
        for key in before.keys() | self._items.keys():
            self.units += price(before.get(key), self._items.get(key))
        self.units += sum(
            units(error.get("Item"))
            for error in (parsed, *parsed.get("Responses", []))
            if error.get("Error", {}).get("Code") in _CONDITION_FAILED
        )

    def _read(self) -> dict[tuple[str, str], Item]:
        pages = self._observer.get_paginator("scan").paginate(TableName=self._table)
        return {
            (item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]
        }


def price(old: Item | None, new: Item | None) -> int:
    """Write units of a write that made ``new`` of ``old``; 0 where nothing changed."""
    if old == new:
        return 0
    return max(units(old), units(new)) + sum(
        _index_price(_entry(old, *index), _entry(new, *index)) for index in _INDEXES
    )


def units(item: Item | None) -> int:
    """One for each started kilobyte; a write that fails where nothing is costs one too."""
    return max(
        1, ceil(sum(size(name, value) for name, value in (item or {}).items()) / _UNIT_BYTES)
    )


def _index_price(old: Item | None, new: Item | None) -> int:
    """Entering and leaving cost what the entry does, moving both, another attribute one of them."""
    if old == new:
        return 0
    if old and new and old["keys"] == new["keys"]:
        return max(units(old["held"]), units(new["held"]))
    return sum(units(entry["held"]) for entry in (old, new) if entry)


def _entry(item: Item | None, keys: tuple[str, ...], more: tuple[str, ...]) -> Item | None:
    """What an index holds of an item; None where it is not in it."""
    if not item or any(key not in item for key in keys):
        return None
    held = {name: value for name, value in item.items() if name in {*keys, *more, "pk", "sk"}}
    return {"keys": [item[key] for key in keys], "held": held}
