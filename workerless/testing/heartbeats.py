"""The heartbeats of jobs in the records of an in-memory store."""

from datetime import datetime

from workerless.errors import JobNotFoundError
from workerless.record import Record
from workerless.running import alive
from workerless.testing.store import InMemoryStore
from workerless.transition import runs_under


class InMemoryHeartbeats:
    """Those of one stage."""

    def __init__(self, store: InMemoryStore) -> None:
        self._store = store

    def beat(self, job_id: str, token: str, at: datetime) -> bool:
        def change(record: Record) -> Record:
            return alive(record, at) if runs_under(record, token) else record

        try:
            before, _ = self._store.change(job_id, change)
        except JobNotFoundError:
            return False
        return runs_under(before, token)
