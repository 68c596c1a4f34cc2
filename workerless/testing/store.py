"""The store as a dictionary: ``transition.py`` applied under a lock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from workerless.due import due_after, due_at, shard_of
from workerless.errors import JobNotFoundError
from workerless.ports import Claimed, Clock, Due, Page, Postponement, Put
from workerless.record import AttemptError, Checkpoint, Progress, Record
from workerless.redrive import (
    Changed,
    Dismissal,
    Redrive,
    dismissed,
    is_as_seen,
    is_dismissed_by,
    is_redriven_by,
    redriven,
)
from workerless.retention import bodiless, has_expired, kept
from workerless.running import checkpointed, progressed, remembered
from workerless.search import Count, Hits, Search
from workerless.states import CANCELLABLE, State
from workerless.testing import searching
from workerless.testing.standing import is_as_it_was, postponed
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.transition import (
    Claim,
    Finish,
    Verdict,
    asked_to_end,
    cancelled,
    claimed,
    finished,
    given_up,
    in_the_way,
    is_finished_by,
    judge,
    may_finish,
    rescheduled,
    runs_under,
)
from workerless.workflow_ends import tell_containers


class InMemoryStore:
    """Records by job id. Only ``get_many`` returns them with their bodies, as on AWS."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._records: dict[str, Record] = {}
        self._due: dict[str, datetime] = {}
        self._unlisted: set[str] = set()
        self.containers = InMemoryContainers(clock)

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        """Create each record unless its id is taken by one that has not expired."""
        with self._lock:
            return [self._put(record) for record in records]

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        with self._lock:
            return [self._claim(claim) for claim in claims]

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        with self._lock:
            return [self._finish(finish) for finish in finishes]

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        return self._note(job_id, token, lambda record: progressed(record, progress, at))

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        return self._note(job_id, token, lambda record: checkpointed(record, to, at))

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:
        return self._note(job_id, token, lambda record: remembered(record, steps, at))

    def _note(self, job_id: str, token: str, how: Callable[[Record], Record]) -> bool:
        with self._lock:
            record = self._records.get(job_id)
            if record is None or not runs_under(record, token):
                return False
            self._records[job_id] = how(record)
            return True

    def why_cancelled(self, job_id: str, token: str) -> str | None:
        with self._lock:
            record = self._records.get(job_id)
            return record.cancel_reason if record and runs_under(record, token) else None

    def cancel(self, job_id: str, *, at: datetime, reason: str, expires_at: datetime) -> Record:
        with self._lock:
            record = self._records.get(job_id)
            if record is None or has_expired(record, self._clock.now()):
                raise JobNotFoundError(f"no record of job {job_id!r}")
            if record.state is State.PROCESSING:
                record = self._records[job_id] = asked_to_end(record, reason)
            elif record.state in CANCELLABLE:
                record = cancelled(record, at=at, reason=reason, expires_at=expires_at)
                self._records[job_id] = record
                self._due.pop(job_id, None)
            return self._told(record, at)

    def give_up(
        self, idle: Record, *, at: datetime, reason: str, error: AttemptError, expires_at: datetime
    ) -> Record:
        with self._lock:
            record = self._living(idle.job_id)
            if record is None:
                raise JobNotFoundError(f"no record of job {idle.job_id!r}")
            if (record.state, record.updated_at) == (idle.state, idle.updated_at):
                record = given_up(record, at=at, reason=reason, error=error, expires_at=expires_at)
                self._records[record.job_id] = record
                del self._due[record.job_id]
            return self._told(record, at)

    def reschedule(self, job_id: str, *, run_at: datetime, at: datetime) -> Record:
        def later(record: Record) -> Record:
            may = record.state in CANCELLABLE
            return rescheduled(record, run_at=run_at, at=at) if may else record

        return self.change(job_id, later)[1]

    def redrive_many(self, redrives: Sequence[Redrive]) -> list[Changed]:
        with self._lock:
            return [self._redrive(redrive) for redrive in redrives]

    def dismiss_many(self, dismissals: Sequence[Dismissal]) -> list[Changed]:
        with self._lock:
            return [self._dismiss(dismissal) for dismissal in dismissals]

    def delete_many(self, seen: Sequence[Record]) -> list[bool]:
        with self._lock:
            return [self._delete(record) for record in seen]

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
        with self._lock:
            found = [
                Due(job_id=job_id, at=at)
                for job_id, at in self._due.items()
                if at <= before and shard_of(job_id) == shard
            ]
        return sorted(found, key=lambda one: (one.at, one.job_id))[:limit]

    def postpone_many(self, postponements: Sequence[Postponement]) -> list[bool]:
        return [self._postpone(one) for one in postponements]

    def _postpone(self, one: Postponement) -> bool:
        with self._lock:
            if self._due.get(one.job_id) == one.due.at:
                new = postponed(self._records[one.job_id], one)
                if new is not None:
                    self._due[one.job_id], self._records[one.job_id] = one.until, new
            return self._due.get(one.job_id) == one.until

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        with self._lock:
            return [self._living(job_id) for job_id in job_ids]

    def records(self) -> list[Record]:
        """Every record there is, with its body, in the order in which their jobs came."""
        with self._lock:
            return [record for job_id in self._records if (record := self._living(job_id))]

    def list(
        self, state: State, *, job_type: str, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Jobs of one type and state, by their last change, the newest first."""
        meant = (one for one in self._listed() if (one.state, one.job_type) == (state, job_type))
        return searching.page(meant, limit=limit, cursor=cursor)

    def exchange(self, changes: Sequence[tuple[Record | None, Record | None]]) -> bool:
        """Write every second record (None writes nothing), if each first one is what stands there.

        A record without its body keeps the one that is there.
        """
        with self._lock:
            pairs = [(new or old, old) for old, new in changes]
            if any(one and not is_as_it_was(self._living(one.job_id), old) for one, old in pairs):
                return False
            for _, new in changes:
                if new is not None:
                    self._overwrite(new)
            return True

    def change(self, job_id: str, how: Callable[[Record], Record]) -> tuple[Record, Record]:
        """Make its record what ``how`` makes of it; what it was and is, bodiless.

        Raises ``JobNotFoundError``.
        """
        with self._lock:
            old = self._living(job_id)
            if old is None:
                raise JobNotFoundError(f"no record of job {job_id!r}")
            new = self._records[job_id] = how(old)
            if new is not old and new.state.is_waiting:
                self._due[job_id] = due_at(new.run_at, new.updated_at)
            return bodiless(old), bodiless(new)

    def _overwrite(self, new: Record) -> None:
        old = self._living(new.job_id)
        body = new.body or (old.body if old else "")
        self._records[new.job_id] = kept(replace(new, body=body))
        self._unlisted.discard(new.job_id)
        self._due.pop(new.job_id, None)
        if not new.state.is_resting:
            self._due[new.job_id] = due_at(new.run_at, new.updated_at)

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        return searching.search(self._listed(), search, limit=limit, cursor=cursor)

    def count(self, job_type: str, state: State, *, at_most: int) -> Count:
        of = [one for one in self._listed() if one.job_type == job_type and one.state is state]
        return Count(number=min(len(of), at_most), at_least=len(of) > at_most)

    def secret(self) -> bytes:
        return bytes(32)

    def _listed(self) -> Sequence[Record]:
        with self._lock:
            ids = self._records.keys() - self._unlisted
            return [record for job_id in ids if (record := self._living(job_id))]

    def _put(self, record: Record) -> Put:
        living = self._living(record.job_id)
        if living is not None:
            return Put(created=False, record=bodiless(living))
        self._records[record.job_id] = kept(record)
        self._unlisted.discard(record.job_id)
        if not record.state.is_resting:
            self._due[record.job_id] = due_at(record.run_at, record.updated_at)
        return Put(created=True, record=record)

    def _claim(self, claim: Claim) -> Claimed:
        old = self._records.get(claim.job_id)
        verdict = judge(old, claim)
        if verdict is not Verdict.GRANTED:
            return Claimed(verdict=verdict, record=bodiless(old) if old else None)
        if in_the_way(old, claim) is None:
            self._unlisted.discard(claim.job_id)
        new = self._records[claim.job_id] = kept(claimed(old, claim))
        self._due.setdefault(claim.job_id, due_at(new.run_at, new.updated_at))
        return Claimed(verdict=verdict, record=bodiless(self._records[claim.job_id]))

    def _finish(self, finish: Finish) -> bool:
        record = self._records.get(finish.job_id)
        if record is None or not may_finish(record, finish):
            return is_finished_by(record, finish)
        self._records[finish.job_id] = finished(record, finish)
        if finish.state.is_resting:
            del self._due[finish.job_id]
            if not finish.listed:
                self._unlisted.add(finish.job_id)
        elif (due := due_after(finish.run_at, finish.at)) is not None:
            self._due[finish.job_id] = due
        return True

    def _redrive(self, redrive: Redrive) -> Changed:
        record = self._living(redrive.job_id)
        if record is None or not is_as_seen(record, redrive.seen, redrive.at):
            return self._changed(record, is_done=is_redriven_by(record, redrive))
        again = self._records[redrive.job_id] = kept(redriven(record, redrive))
        self._due[redrive.job_id] = due_at(redrive.run_at, redrive.at)
        return self._changed(again, is_done=True)

    def _dismiss(self, dismissal: Dismissal) -> Changed:
        record = self._living(dismissal.job_id)
        if record is None or not is_as_seen(record, dismissal.seen, dismissal.at):
            return self._changed(record, is_done=is_dismissed_by(record, dismissal))
        ended = self._records[dismissal.job_id] = dismissed(record, dismissal)
        return self._changed(ended, is_done=True)

    def _delete(self, seen: Record) -> bool:
        record = self._living(seen.job_id)
        if record is not None and not is_as_seen(record, seen, self._clock.now()):
            return False
        self._records.pop(seen.job_id, None)
        return True

    def _told(self, record: Record, at: datetime) -> Record:
        if record.state.is_terminal:
            tell_containers([record], self.containers, at)
        return bodiless(record)

    def _changed(self, record: Record | None, *, is_done: bool) -> Changed:
        if is_done and record is not None:
            tell_containers([record], self.containers, self._clock.now())
        return Changed(is_done=is_done, record=bodiless(record) if record else None)

    def _living(self, job_id: str) -> Record | None:
        record = self._records.get(job_id)
        return None if record is None or has_expired(record, self._clock.now()) else record
