"""Jobs in any state: where one is, and calling it off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workerless.audit import AuditTrail
from workerless.eventing import Post
from workerless.handle import JobStatus, is_called_off, status_of
from workerless.hidden import Hidden
from workerless.operations.dead_letters import not_found
from workerless.operations.desk import Desk
from workerless.operations.search import Finder
from workerless.operations.veiling import hidden_of
from workerless.patience import pauses
from workerless.record import Record
from workerless.search import Hits, Search
from workerless.states import State

_RETENTION = timedelta(hours=24)
_MAX_REASON = 500


class AllJobs:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._audit = AuditTrail(desk)
        self._finder = Finder(desk.store, desk.directory)

    def find(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        """The jobs that are meant, by their last change, the newest first."""
        return self._finder.find(search, limit=limit, cursor=cursor)

    def get(
        self, job_id: str, *, tenant: str | None = None, patience: timedelta = timedelta(0)
    ) -> JobStatus[Any]:
        """Once it has ended, or ``patience`` has, veiled. Raises ``JobNotFoundError``."""
        record = self._known(job_id, tenant)
        for pause in pauses(patience, self._desk.clock):
            if record.state.is_terminal:
                break
            self._desk.clock.sleep(pause)
            record = self._known(job_id, tenant)
        return self.veiled(status_of(record, None, self._desk.blobs))

    def veiled(self, status: JobStatus[Any]) -> JobStatus[Any]:
        """``status`` as people are shown it, without a sensitive value."""
        hidden = self.hidden(status.type)
        return replace(
            status,
            data=hidden.data(status.data, status.version, status.failed_reason),
            result=hidden.of_result(status.result),
        )

    def revealed(self, status: JobStatus[Any]) -> JobStatus[Any]:
        """``status`` itself, once the audit says who sees it."""
        with self._audit.noted("reveal", f"job {status.id}", why=None):
            return status

    def hidden(self, job_type: str) -> Hidden:
        """What of its payloads and results people are not shown."""
        return hidden_of(job_type, self._desk.directory)

    def states(self, job_ids: Sequence[str]) -> Mapping[str, State]:
        """Those of the jobs that have a record."""
        return {
            record.job_id: record.state
            for record in self._desk.store.get_many(job_ids)
            if record is not None
        }

    def cancel(self, job_id: str, *, reason: str, tenant: str | None = None) -> Record:
        """Call off a job that waits or is held, and ask one that runs to end; its record.

        Raises ``JobNotFoundError``, and ``JobStateError`` for a job that has ended otherwise.
        """
        self._known(job_id, tenant)
        now, told = self._desk.clock.now(), reason[:_MAX_REASON]
        with self._audit.noted("cancel", f"job {job_id}", why=reason):
            after = self._desk.store.cancel(
                job_id, at=now, reason=told, expires_at=now + _RETENTION
            )
            is_called_off(after)
        return after

    def send_event(
        self, job_id: str, name: str, data: Mapping[str, Any], *, tenant: str | None = None
    ) -> Record:
        """Give a job the event that it waits for, or will; its record as it was then.

        The same again is no other. Raises as ``eventing.Post.send``.
        """
        with self._audit.noted("event", f"job {job_id}", why=name):
            return self._post().send(job_id, name, data, tenant=tenant)

    def send_event_by(self, token: str, data: Mapping[str, Any]) -> Record:
        """The same for who has a token. Raises as ``eventing.Post`` does."""
        meant = self._post().meant_by(token)  # anybody may guess, and nothing is written for that
        return self.send_event(meant.job_id, meant.name, data)

    def _post(self) -> Post:
        desk = self._desk
        return Post(
            store=desk.store,
            events=desk.events,
            queue=desk.queue,
            directory=desk.directory,
            clock=desk.clock,
        )

    def _known(self, job_id: str, tenant: str | None) -> Record:
        (record,) = self._desk.store.get_many([job_id])
        if record is None or tenant not in (None, record.tenant):
            raise not_found(job_id)
        return record
