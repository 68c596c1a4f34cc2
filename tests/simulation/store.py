"""The store of a simulation: the double, of which a record can be lost."""

from workerless.testing.store import InMemoryStore


class ForgetfulStore(InMemoryStore):
    """Forgets nothing by itself."""

    def forget(self, job_id: str) -> bool:
        """Delete a record, and its place in the index; whether there was one."""
        with self._lock:
            self._due.pop(job_id, None)
            return self._records.pop(job_id, None) is not None
