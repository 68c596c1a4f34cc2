"""The last jobs of keys in memory, beside a store's records."""

from collections.abc import Sequence
from threading import Lock

from workerless.record import Record
from workerless.retention import bodiless
from workerless.testing.store import InMemoryStore
from workerless.unique_ports import Known, Place


class InMemoryUniqueStore:
    """Those of the jobs in ``store``."""

    def __init__(self, store: InMemoryStore) -> None:
        self._store = store
        self._lock = Lock()
        self._last: dict[tuple[str, str | None], str] = {}

    def known_many(self, records: Sequence[Record]) -> list[Known]:
        return [self._known(record) for record in records]

    def place_many(self, places: Sequence[Place]) -> list[bool]:
        return [self._place(place) for place in places]

    def _known(self, record: Record) -> Known:
        last_id = self._last.get(_key(record))
        own, last = self._store.get_many([record.job_id, last_id or ""])
        return Known(
            own=bodiless(own) if own else None,
            last_id=last_id,
            last=bodiless(last) if last else None,
        )

    def _place(self, place: Place) -> bool:
        record = place.record
        with self._lock:
            if self._last.get(_key(record)) != place.known.last_id:
                return False
            if not self._store.exchange(_changes(place)):
                return False
            self._last[_key(record)] = record.job_id
            return True


def _changes(place: Place) -> list[tuple[Record | None, Record | None]]:
    known, record = place.known, place.record
    if record.job_id == known.last_id:
        return [(known.last, record)]
    beside = [(known.last, place.ended)] if known.last is not None else []
    return [(None, record), *beside]


def _key(record: Record) -> tuple[str, str | None]:
    return record.job_type, record.unique_key
