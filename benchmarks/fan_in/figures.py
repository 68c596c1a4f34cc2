"""What was counted, by what it was for."""

from collections import Counter
from dataclasses import dataclass

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchExecuteStatement")
_READS = ("BatchGetItem", "GetItem", "Query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Calls, and the items that they name, each by the call's name and the item's kind."""

    calls: Counter[str]
    items: Counter[str]

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(calls=self.calls - other.calls, items=self.items - other.items)

    @property
    def written(self) -> int:
        """Items, as DynamoDB bills them: each at least a write unit, however many in a request."""
        return _sum(self.items, _WRITES)

    @property
    def writes(self) -> int:
        """Requests that write."""
        return _sum(self.calls, _WRITES)

    @property
    def reads(self) -> int:
        """Requests that read."""
        return _sum(self.calls, _READS)

    @property
    def sends(self) -> int:
        """Requests that send messages."""
        return _sum(self.calls, ("SendMessage", "SendMessageBatch"))

    def by_kind(self) -> Counter[str]:
        """Items written, by what they are."""
        found: Counter[str] = Counter()
        for name, items in self.items.items():
            call, _, kind = name.partition(" ")
            if call in _WRITES:
                found[kind] += items
        return found


def _sum(counts: Counter[str], calls: tuple[str, ...]) -> int:
    return sum(count for name, count in counts.items() if name.partition(" ")[0] in calls)
