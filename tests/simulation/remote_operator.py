"""The store as an operator's process reaches it."""

from collections.abc import Sequence

from tests.simulation.history import Deleted
from tests.simulation.remote import RemoteStore
from workerless.record import Record
from workerless.redrive import Changed, Dismissal, Redrive
from workerless.search import Count, Hits, Search
from workerless.states import State


class RemoteOperatorStore(RemoteStore):
    """Searches are answered by nobody's fault: they decide nothing."""

    def redrive_many(self, redrives: Sequence[Redrive]) -> list[Changed]:
        return [self._redrive(redrive) for redrive in redrives]

    def dismiss_many(self, dismissals: Sequence[Dismissal]) -> list[Changed]:
        return [self._dismiss(dismissal) for dismissal in dismissals]

    def delete_many(self, seen: Sequence[Record]) -> list[bool]:
        return [self._delete(record) for record in seen]

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        return self._store.search(search, limit=limit, cursor=cursor)

    def count(self, job_type: str, state: State, *, at_most: int) -> Count:
        return self._store.count(job_type, state, at_most=at_most)

    def secret(self) -> bytes:
        return self._store.secret()

    def _redrive(self, redrive: Redrive) -> Changed:
        return self._write(
            "redrive",
            (redrive.job_id, None, redrive.at),
            lambda: self._store.redrive_many([redrive])[0],
            is_won=lambda changed: changed.is_done,
        )

    def _dismiss(self, dismissal: Dismissal) -> Changed:
        return self._write(
            "dismiss",
            (dismissal.job_id, None, dismissal.at),
            lambda: self._store.dismiss_many([dismissal])[0],
            is_won=lambda changed: changed.is_done,
        )

    def _delete(self, seen: Record) -> bool:
        def delete(again: bool) -> bool:  # noqa: FBT001 -- as Process.call has it
            was_there = self._ground.record(seen.job_id) is not None
            (is_gone,) = self._store.delete_many([seen])
            if was_there and is_gone:
                self._ground.tell(Deleted(by=self._process.name, job_id=seen.job_id))
            return is_gone

        return self._reach("delete", delete)
