"""The stands of schedules as a dictionary."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from workerless.errors import CursorRefusedError
from workerless.frozen import replace
from workerless.schedule.stand import Stand, read_stand, write_stand
from workerless.schedule_ports import Stands


class InMemoryStands:
    """Those of one stage. What is kept is the text that a table would keep."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, Stand] = {}

    def read_many(self, schedule_ids: Sequence[str]) -> list[Stand | None]:
        with self._lock:
            return [self._kept.get(schedule_id) for schedule_id in schedule_ids]

    def save(self, stand: Stand) -> bool:
        """True also where it stands there already."""
        with self._lock:
            new = _reread(replace(stand, version=stand.version + 1))
            old = self._kept.get(stand.schedule_id)
            if _mark(old) == _mark(stand) or (old is None and stand.version == 0):
                self._kept[stand.schedule_id] = new
            return self._kept.get(stand.schedule_id) == new

    def delete(self, stand: Stand) -> bool:
        with self._lock:
            old = self._kept.get(stand.schedule_id)
            if old is None or _mark(old) != _mark(stand):
                return old is None
            del self._kept[stand.schedule_id]
            return True

    def due(self, *, before: datetime, limit: int) -> list[str]:
        return [one.schedule_id for one in self._in_order() if one.look_at <= before][:limit]

    def ids(self) -> set[str]:
        with self._lock:
            return set(self._kept)

    def page(self, *, limit: int, cursor: str | None = None) -> Stands:
        """Its cursor is a number."""
        if cursor is not None and not cursor.isdecimal():
            raise CursorRefusedError(f"cursor must be one of a page, got {ascii(cursor)[:60]}")
        first, found = int(cursor or 0), self._in_order()
        after = first + limit
        return Stands(
            found=tuple(found[first:after]), cursor=str(after) if after < len(found) else None
        )

    def _in_order(self) -> list[Stand]:
        with self._lock:
            return sorted(self._kept.values(), key=lambda one: (one.look_at, one.schedule_id))


def _mark(stand: Stand | None) -> tuple[int, datetime | None] | None:
    return (stand.version, stand.made_at) if stand else None


def _reread(stand: Stand) -> Stand:
    return read_stand(write_stand(stand), schedule_id=stand.schedule_id, version=stand.version)
