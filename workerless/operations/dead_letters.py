"""Dead jobs, one at a time: look, have it run again, or be done with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workerless.audit import AuditTrail
from workerless.errors import EnqueueRefusedError, JobNotFoundError, JobStateError
from workerless.hidden import Hidden
from workerless.limits import MAX_WAIT
from workerless.operations.autopsy import autopsy, data_of, row_of
from workerless.operations.dead_job import DeadDetail, DeadJob, DeadPage
from workerless.operations.desk import Desk
from workerless.operations.editing import edited
from workerless.operations.ending import archive_many, discard_many
from workerless.operations.outcome import Outcome, Result
from workerless.operations.redriving import retry_many
from workerless.operations.search import Finder
from workerless.operations.veiling import hidden_of
from workerless.record import Record
from workerless.search import Search
from workerless.states import State


class DeadJobs:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._audit = AuditTrail(desk)
        self._finder = Finder(desk.store, desk.directory)

    def list(
        self,
        search: Search,
        *,
        limit: int = 100,
        cursor: str | None = None,
        with_data: bool = False,
    ) -> DeadPage:
        """The dead jobs that ``search`` finds, the latest first."""
        meant = replace(search, states=frozenset({State.FAILED}))
        found = self._finder.find(meant, limit=limit, cursor=cursor)
        items = [row_of(row) for row in found.rows]
        return DeadPage(
            items=tuple(self._with_data(items) if with_data else items), cursor=found.cursor
        )

    def show(
        self,
        job_id: str,
        *,
        job_type: str | None = None,
        tenant: str | None = None,
        reveal: bool = False,
    ) -> DeadDetail:
        """Raises ``JobNotFoundError``, and ``JobStateError`` for a job that is not dead."""
        record = self._dead(job_id, job_type, tenant)
        if not reveal:
            return autopsy(record, self._desk.blobs, self._hidden(record))
        with self._audit.noted("reveal", f"job {job_id}", why=None):
            return autopsy(record, self._desk.blobs, Hidden())

    def retry(
        self,
        job_id: str,
        *,
        why: str | None = None,
        data: Mapping[str, Any] | None = None,
        delay: timedelta = timedelta(0),
        force: bool = False,
        job_type: str | None = None,
        tenant: str | None = None,
    ) -> Record:
        """Have it run again, with all its attempts, once ``delay`` has passed."""
        if not timedelta(0) <= delay <= MAX_WAIT:
            raise EnqueueRefusedError(
                f"delay must be between 0 s and {MAX_WAIT}, got {delay}", field="delay"
            )

        def act(seen: Record, by: str) -> Sequence[Outcome]:
            edit = None if data is None else edited(seen, data, self._desk, delay=delay)
            return retry_many([seen], self._desk, by=by, delay=delay, edit=edit, force=force)

        verb = "retry" if data is None else "edit and retry"
        verb = f"force {verb}" if force else verb
        return self._act(verb, self._dead(job_id, job_type, tenant), act, why=why)

    def discard(
        self, job_id: str, *, why: str, job_type: str | None = None, tenant: str | None = None
    ) -> Record:
        """Have it be done with."""

        def act(seen: Record, by: str) -> Sequence[Outcome]:
            return discard_many([seen], self._desk, by=by, why=why)

        return self._act("discard", self._dead(job_id, job_type, tenant), act, why=why)

    def archive(
        self, job_id: str, *, why: str, job_type: str | None = None, tenant: str | None = None
    ) -> Record:
        """Keep it as a file for 400 days, and have it be done with."""

        def act(seen: Record, by: str) -> Sequence[Outcome]:
            return archive_many([seen], self._desk, by=by, why=why)

        return self._act("archive", self._dead(job_id, job_type, tenant), act, why=why)

    def _act(
        self,
        verb: str,
        seen: Record,
        act: Callable[[Record, str], Sequence[Outcome]],
        *,
        why: str | None,
    ) -> Record:
        """The record after it; as it was seen where none is kept any more."""
        with self._audit.noted(verb, f"job {seen.job_id}", why=why) as entry_id:
            (outcome,) = act(seen, entry_id)
            if outcome.result is not Result.DONE:
                raise JobStateError(f"job {seen.job_id!r} cannot be done so: {outcome.why}")
        (after,) = self._desk.store.get_many([seen.job_id])
        return after or seen

    def _dead(self, job_id: str, job_type: str | None, tenant: str | None) -> Record:
        (record,) = self._desk.store.get_many([job_id])
        if (
            record is None
            or job_type not in (None, record.job_type)
            or tenant not in (None, record.tenant)
        ):
            raise not_found(job_id)
        if record.state is not State.FAILED:
            raise JobStateError(
                f"job {job_id!r} is {record.state.value}; only a failed one is dead"
            )
        return record

    def _with_data(self, items: Sequence[DeadJob]) -> Sequence[DeadJob]:
        records = self._desk.store.get_many([one.job_id for one in items])
        return [
            replace(one, data=data_of(record, self._desk.blobs, self._hidden(record)))
            if record
            else one
            for one, record in zip(items, records, strict=True)
        ]

    def _hidden(self, record: Record) -> Hidden:
        return hidden_of(record.job_type, self._desk.directory)


def not_found(job_id: str) -> JobNotFoundError:
    """The same for a job that never was and for one that is none of the caller's business."""
    return JobNotFoundError(
        f"no job has the id {job_id!r}: it was never enqueued in this stage, has not started "
        "yet (sent without a record), is past its retention, or of a job type with tracking off"
    )
