"""The ledger as dictionaries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

from workerless.errors import OperationNotFoundError
from workerless.ledger import (
    Decision,
    Entry,
    Operation,
    Sheet,
    Stand,
    checked_cursor,
    checked_limit,
)


class InMemoryLedger:
    """Nothing is forgotten here, however old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._operations: dict[str, Operation] = {}
        self._awake: set[str] = set()
        self._decisions: dict[tuple[str, str], Decision] = {}
        self._entries: dict[str, Entry] = {}

    def open(self, operation: Operation) -> None:
        with self._lock:
            self._operations.setdefault(operation.operation_id, operation)

    def wake(self, operation: Operation) -> None:
        with self._lock:
            self._awake.add(operation.operation_id)

    def operation(self, operation_id: str) -> Operation:
        """Raises ``OperationNotFoundError``."""
        with self._lock:
            if operation_id not in self._operations:
                raise OperationNotFoundError(f"no operation has the id {operation_id!r}")
            return self._operations[operation_id]

    def operations(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Operation]:
        with self._lock:
            return _sheet(self._operations, limit, cursor)

    def running(self) -> Sequence[Operation]:
        with self._lock:
            known = [self._operations[one] for one in sorted(self._awake & self._operations.keys())]
            running = [one for one in known if one.stand is Stand.RUNNING]
            self._awake -= {one.operation_id for one in known} - {
                one.operation_id for one in running
            }
            return running

    def save(self, operation: Operation) -> bool:
        """True also where it stands there already, word for word."""
        new = replace(operation, version=operation.version + 1)
        with self._lock:
            old = self._operations[operation.operation_id]
            if old.version == operation.version:
                self._operations[operation.operation_id] = new
            return self._operations[operation.operation_id] == new

    def decide(self, decision: Decision) -> None:
        with self._lock:
            self._decisions[decision.job_type, decision.fingerprint] = decision

    def decisions(self, job_type: str) -> Mapping[str, Decision]:
        with self._lock:
            return {
                fingerprint: decision
                for (name, fingerprint), decision in self._decisions.items()
                if name == job_type
            }

    def note(self, entry: Entry) -> None:
        with self._lock:
            self._entries[entry.entry_id] = entry

    def entries(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Entry]:
        with self._lock:
            return _sheet(self._entries, limit, cursor)


def _sheet[V](kept: Mapping[str, V], limit: int, cursor: str | None) -> Sheet[V]:
    before, limit = checked_cursor(cursor), checked_limit(limit)
    ids = sorted((one for one in kept if before is None or one < before), reverse=True)
    items = tuple(kept[one] for one in ids[:limit])
    return Sheet(items=items, cursor=ids[limit - 1] if len(ids) > limit else None)
