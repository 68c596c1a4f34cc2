"""The store on one DynamoDB table. Layout in ``item.py``, writes in ``update.py``.

A job's body lies in its record while both together stay small, since DynamoDB bills every write by
the whole item; else in an item of its own, written once. An answer that is none raises
``StoreUnavailableError``; what was written by then stays written, and asking again is safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workerless.aws import listing
from workerless.aws.due import due_in
from workerless.aws.item import Item, body_key, record_key, to_item, to_record
from workerless.aws.spread import Spread, in_turn
from workerless.aws.table import Refused, Table
from workerless.aws.update import (
    Update,
    cancel_waiting,
    claim_waiting,
    finish_attempt,
    keep_steps,
    note_progress,
    postpone_due,
    reschedule_waiting,
    take_over,
    whole_seconds,
)
from workerless.aws.value import Value, expiry, size, text
from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.ports import Claimed, Clock, Due, Page, Put
from workerless.record import Progress, Record
from workerless.retention import bodiless, has_expired, kept
from workerless.states import State, may_become
from workerless.transition import (
    Claim,
    Finish,
    Verdict,
    claimed,
    finished,
    is_finished_by,
    judge,
    may_finish,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A claim, a few timestamps and a short result are yet to come into a record of 1 KB.
_INLINE_BYTES = 1_024 - 256
# Longer than a message can wait in its queue and its dead-letter queue together. A TTL deletion is
# free; moving the time on when the job ends would cost a write of the whole body.
_BODY_LIFETIME = timedelta(days=30)
_MAX_RACES = 5


class DynamoStore:
    """The records of one stage. Only ``get_many`` returns them with their bodies.

    ``spread`` is how many records are put.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, clock: Clock, spread: Spread = in_turn
    ) -> None:
        self._table = Table(client, table, clock)
        self._clock = clock
        self._spread = spread

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        """Create each record unless its id is taken by one that has not expired."""
        return self._spread(self._put, records)

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        return [self._claim(claim) for claim in claims]

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        return [self._finish(finish) for finish in finishes]

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        return isinstance(self._update(job_id, note_progress(token, progress, at)), Record)

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:
        return isinstance(self._update(job_id, keep_steps(token, steps, at)), Record)

    def reschedule(self, job_id: str, *, run_at: datetime, at: datetime) -> Record:
        now = self._clock.now()
        return self._waiting(job_id, reschedule_waiting(job_id, run_at=run_at, at=at, now=now))

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
        return due_in(self._table, shard, before=before, limit=limit)

    def postpone(self, due: Due, until: datetime) -> bool:
        return isinstance(self._update(due.job_id, postpone_due(due, until)), Record)

    def cancel(self, job_id: str, *, at: datetime, reason: str, expires_at: datetime) -> Record:
        now = self._clock.now()
        return self._waiting(
            job_id, cancel_waiting(job_id, at=at, reason=reason, expires_at=expires_at, now=now)
        )

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        now = self._clock.now()
        items = self._table.read([record_key(job_id) for job_id in job_ids])
        bodies = self._bodies([item for item in items if item is not None])
        records = [
            to_record(item, body=bodies[item["job_id"]["S"]]) if item is not None else None
            for item in items
        ]
        return [
            None if record is None or has_expired(record, now) else record for record in records
        ]

    def list(
        self, state: State, *, job_type: str, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Jobs of one type and state; pages of jobs that have not ended may be short, even empty.

        Ended jobs come by their last change. Others come by due time, the last first: a page holds
        what is found among the next thousand jobs of all types, and only within it by change.
        """
        now = self._clock.now()
        return listing.find(
            self._table,
            lambda record: (
                record.state is state
                and record.job_type == job_type
                and not has_expired(record, now)
            ),
            listing.walk(state, job_type),
            limit=listing.checked_limit(limit),
            cursor=cursor,
        )

    def _waiting(self, job_id: str, update: Update) -> Record:
        """The record after a change that only a waiting job allows, else as it is."""
        answer = self._update(job_id, update)
        if isinstance(answer, Record):
            return answer
        if answer.old is None or has_expired(answer.old, self._clock.now()):
            raise JobNotFoundError(
                f"no record of job {job_id!r}: not enqueued here, not started yet (sent without a "
                "record), or past its retention"
            )
        return answer.old

    def _put(self, record: Record) -> Put:
        now = whole_seconds(self._clock.now())
        lost = self._write(
            record, condition="attribute_not_exists(pk) OR expires_at <= :now", values={":now": now}
        )
        if lost is None:
            return Put(created=True, record=record)
        if lost.old is None:
            raise StoreUnavailableError(f"job {record.job_id} was refused and then not there")
        # The same in every field, and found by a repeated call: its first answer was lost.
        ours = lost.retried and lost.old == to_record(to_item(record))
        return Put(created=ours, record=record if ours else lost.old)

    def _claim(self, claim: Claim) -> Claimed:
        """Try, and ask ``judge`` about what stood in the way, until both agree."""
        # Creating first saves a call, but a large body would be written for nothing.
        creates = claim.new is not None and _fits_inline(claim.new)
        answer = Lost(old=None) if creates else self._update(claim.job_id, claim_waiting(claim))
        for _ in range(_MAX_RACES):
            if isinstance(answer, Record):
                return Claimed(verdict=Verdict.GRANTED, record=answer)
            old = answer.old
            verdict = judge(old, claim)
            if verdict is not Verdict.GRANTED or (old and _is_signed_by(old, claim)):
                return Claimed(verdict=verdict, record=old)
            answer = self._take(old, claim)
        raise StoreUnavailableError(
            f"job {claim.job_id} was changed by others {_MAX_RACES} times while it was claimed"
        )

    def _take(self, old: Record | None, claim: Claim) -> "Record | Lost":
        new = claimed(old, claim)
        if old is None:
            return self._write(new, condition="attribute_not_exists(pk)") or bodiless(new)
        if old.state is State.PROCESSING:
            return self._update(claim.job_id, take_over(old, new))
        return self._update(claim.job_id, claim_waiting(claim))

    def _finish(self, finish: Finish) -> bool:
        if not may_become(State.PROCESSING, finish.state):
            raise ValueError(f"a job cannot go from processing to {finish.state}")
        answer = self._update(finish.job_id, finish_attempt(finish))
        if isinstance(answer, Lost) and answer.old and may_finish(answer.old, finish):
            # Still ours, so it is the list of errors that is full; nobody else may write it.
            errors = finished(answer.old, finish).errors
            answer = self._update(finish.job_id, finish_attempt(finish, errors))
        return isinstance(answer, Record) or is_finished_by(answer.old, finish)

    def _update(self, job_id: str, update: Update) -> "Record | Lost":
        answer = self._table.update(record_key(job_id), update)
        return _lost(answer) if isinstance(answer, Refused) else to_record(answer)

    def _write(
        self, record: Record, *, condition: str, values: Mapping[str, Value] | None = None
    ) -> "Lost | None":
        """Create the record, its body first: a record without its body cannot be sent again."""
        item, body = to_item(record), text(kept(record).body)
        if _fits_inline(record):
            item["body"] = body
        else:
            until = max(record.run_at + _BODY_LIFETIME, record.expires_at or record.run_at)
            key = body_key(record.job_id, record.digest)
            self._table.put({**key, "body": body, "expires_at": expiry(until)})
        refused = self._table.put(item, condition=condition, values=values)
        return None if refused is None else _lost(refused)

    def _bodies(self, items: Sequence[Item]) -> dict[str, str]:
        """Each job's body by job id; empty where it has outlived its own item."""
        inline = {item["job_id"]["S"]: item["body"]["S"] for item in items if "body" in item}
        apart = [item for item in items if "body" not in item]
        keys = [body_key(item["job_id"]["S"], item["digest"]["S"]) for item in apart]
        found = self._table.read(keys)
        return inline | {
            item["job_id"]["S"]: body["body"]["S"] if body else ""
            for item, body in zip(apart, found, strict=True)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A write that was refused, and the record that stood in its way."""

    old: Record | None
    retried: bool = False


def _lost(refused: Refused) -> Lost:
    return Lost(old=to_record(refused.old) if refused.old else None, retried=refused.retried)


def _fits_inline(record: Record) -> bool:
    return len(record.body) < _INLINE_BYTES and (
        sum(size(name, value) for name, value in to_item(record).items())
        + size("body", text(record.body))
        <= _INLINE_BYTES
    )


def _is_signed_by(record: Record, claim: Claim) -> bool:
    return record.lease is not None and record.lease.token == claim.lease.token
