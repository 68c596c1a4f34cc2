"""Permits and lines of concurrency keys as dictionaries."""

from collections.abc import Callable, Sequence
from threading import Lock

from workerless.flow.permits import Holder, Permits, Waiter
from workerless.flow_ports import Permitted
from workerless.frozen import replace


class InMemoryPermits:
    """Those of one stage."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._permits: dict[str, Permits] = {}
        self._lines: dict[str, dict[str, Waiter]] = {}

    def take(self, name: str, holder: Holder, limit: int) -> Permitted:
        def more(old: Permits) -> Permits | None:
            is_free = len(old.holders) < limit and old.of(holder.job_id) is None
            return replace(old, holders=(*old.holders, holder)) if is_free else None

        return self._write(name, more)

    def await_one(self, name: str, limit: int) -> Permitted:
        def awaited(old: Permits) -> Permits | None:
            is_full = bool(old.version) and len(old.holders) >= limit
            return replace(old, is_awaited=True) if is_full else None

        return self._write(name, awaited)

    def release(self, name: str, holder: Holder) -> Permitted:
        def fewer(old: Permits) -> Permits | None:
            if old.is_awaited or not old.is_held(holder.job_id, holder.token):
                return None
            kept = tuple(one for one in old.holders if one.job_id != holder.job_id)
            return replace(old, holders=kept)

        return self._write(name, fewer)

    def change(self, name: str, before: Permits, after: Permits) -> Permitted:
        return self._write(name, lambda old: after if old.version == before.version else None)

    def join(self, name: str, waiter: Waiter) -> None:
        with self._lock:
            self._lines.setdefault(name, {})[waiter.job_id] = waiter

    def line(self, name: str, limit: int) -> Sequence[Waiter]:
        with self._lock:
            waiting = self._lines.get(name, {}).values()
            return sorted(waiting, key=lambda one: (one.since, one.job_id))[:limit]

    def quit(self, name: str, waiter: Waiter) -> None:
        with self._lock:
            line = self._lines.get(name, {})
            if line.get(waiter.job_id) == waiter:
                del line[waiter.job_id]

    def _write(self, name: str, change: Callable[[Permits], Permits | None]) -> Permitted:
        with self._lock:
            old = self._permits.get(name, Permits())
            new = change(old)
            if new is None:
                return Permitted(is_done=False, permits=old)
            self._permits[name] = new = replace(new, version=old.version + 1)
            return Permitted(is_done=True, permits=new)
