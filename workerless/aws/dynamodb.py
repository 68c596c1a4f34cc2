"""The store on one DynamoDB table. Layout in ``item.py``, writes in ``update.py``.

Many records are written in batches (``batch.py``); what a batch does not settle, and whatever comes
alone, is written by itself (``single.py``). An answer that is none raises
``StoreUnavailableError``; what was written by then stays written, and asking again is safe.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from workerless.aws import statement
from workerless.aws.batch import Batches, each_of_job
from workerless.aws.item import is_due, record_key, to_record
from workerless.aws.search_key import Keys
from workerless.aws.single import Lost, SingleWrites, is_one_item, new_item
from workerless.aws.statement import Statement
from workerless.aws.table import Answer, Refused, Table
from workerless.aws.update import (
    cancel_or_ask,
    claim_plainly,
    claim_waiting,
    finish_attempt,
    give_up_idle,
    keep_checkpoint,
    keep_steps,
    note_progress,
    reschedule_waiting,
)
from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.ports import Claimed, Clock, Due, Page, Postponement, Put
from workerless.record import AttemptError, Checkpoint, Progress, Record
from workerless.retention import (
    BODY_LIFETIME,
    bodiless,
    has_expired,
    outgrows_its_body,
    waits_until,
)
from workerless.spread import Spread, in_turn
from workerless.states import CANCELLABLE, State, may_become
from workerless.transition import (
    Claim,
    Finish,
    Verdict,
    claimed,
    given_up,
    is_finished_by,
    runs_under,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from workerless.aws.update import Update

_MAX_RACES = 5


class DynamoStore:
    """The records of one stage. Only ``get_many`` returns them with their bodies.

    ``spread`` is how many records are put, and read.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, clock: Clock, spread: Spread = in_turn
    ) -> None:
        self._table = Table(client, table, clock, spread)
        self._batches = Batches(self._table)
        self._keys = Keys(self._table, self._batches)
        self._single = SingleWrites(self._table, self._keys)
        self._insert = partial(statement.insert, table)
        self._alter = partial(statement.update, table)
        self._clock = clock
        self._spread = spread

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        """Create each record unless its id is taken by one that has not expired."""
        return each_of_job(records, self._put_all, self._spread)

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        return each_of_job(claims, self._claim_all)

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        for finish in finishes:
            if not may_become(State.PROCESSING, finish.state):
                raise ValueError(f"a job cannot go from processing to {finish.state}")
        return each_of_job(finishes, self._finish_all)

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        answer = self._single.update(job_id, note_progress(token, progress, at))
        return isinstance(answer, Record)

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        answer = self._single.update(job_id, keep_checkpoint(token, to, at))
        return isinstance(answer, Record)

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:
        answer = self._single.update(job_id, keep_steps(token, steps, at))
        return isinstance(answer, Record)

    def reschedule(self, job_id: str, *, run_at: datetime, at: datetime) -> Record:
        def change(record: Record) -> "Update":
            if outgrows_its_body(record, run_at):
                self._keep(record, run_at)
            return reschedule_waiting(record, run_at=run_at, at=at)

        return self._change_if(job_id, change, states=CANCELLABLE)

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
        from workerless.aws.due import due_in  # noqa: PLC0415 -- no worker asks

        return due_in(self._table, shard, before=before, limit=limit)

    def postpone_many(self, postponements: Sequence[Postponement]) -> list[bool]:
        return each_of_job(postponements, self._postpone_all)

    def cancel(self, job_id: str, *, at: datetime, reason: str, expires_at: datetime) -> Record:
        change = partial(cancel_or_ask, at=at, reason=reason, expires_at=expires_at)
        after = self._change_if(job_id, change, states=CANCELLABLE | {State.PROCESSING})
        return self._told(after, at)

    def why_cancelled(self, job_id: str, token: str) -> str | None:
        (item,) = self._table.read([record_key(job_id)])
        record = to_record(item) if item is not None else None
        return record.cancel_reason if record and runs_under(record, token) else None

    def give_up(
        self, idle: Record, *, at: datetime, reason: str, error: AttemptError, expires_at: datetime
    ) -> Record:
        self._keys.keep(idle, expires_at)
        failed = given_up(idle, at=at, reason=reason, error=error, expires_at=expires_at)
        answer = self._single.update(idle.job_id, give_up_idle(idle, failed))
        if isinstance(answer, Record):
            return self._told(answer, at)
        if answer.old is None or has_expired(answer.old, self._clock.now()):
            raise self._not_found(idle.job_id)
        return self._told(answer.old, at)

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        now = self._clock.now()
        items = self._table.read([record_key(job_id) for job_id in job_ids])
        bodies = self._single.bodies([item for item in items if item is not None])
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
        from workerless.aws import listing  # noqa: PLC0415 -- as above

        now = self._clock.now()
        return listing.jobs(self._table, state, job_type, now, limit=limit, cursor=cursor)

    def _put_all(self, records: Sequence[Record]) -> Sequence[Put]:
        items = [new_item(record) for record in records]
        for record, item in zip(records, items, strict=True):
            if "body" not in item:
                self._single.put_body(record)
        self._keys.put(records)
        answers = self._batches.write([self._insert(item) for item in items])
        return [self._put(*both) for both in zip(records, answers, strict=True)]

    def _put(self, record: Record, answer: Answer | None) -> Put:
        if answer is not None and answer.code is None:
            return Put(created=True, record=record)
        retried = answer is not None and answer.retried
        return self._single.put(record, self._clock.now(), retried=retried)

    def _claim_all(self, claims: Sequence[Claim]) -> Sequence[Claimed]:
        answers = self._batches.write([self._claim_statement(claim) for claim in claims])
        return [self._claim(*both) for both in zip(claims, answers, strict=True)]

    def _claim_statement(self, claim: Claim) -> Statement | None:
        if claim.new is None:
            key = record_key(claim.job_id)
            return self._alter(key, claim_plainly(claim), returning="ALL NEW")
        if is_one_item(claim.new):
            return self._insert(new_item(claimed(None, claim)))
        return None

    def _claim(self, claim: Claim, answer: Answer | None) -> Claimed:
        if answer is None:
            return self._single.claim(claim, None)
        if answer.item is not None:
            return Claimed(verdict=Verdict.GRANTED, record=to_record(answer.item))
        if answer.code is None and claim.new is not None:
            new = bodiless(claimed(None, claim))
            return Claimed(verdict=Verdict.GRANTED, record=new)
        if answer.old is not None:
            return self._single.claim(claim, Lost(old=to_record(answer.old)))
        met = self._single.update(claim.job_id, claim_waiting(claim))
        return self._single.claim(claim, met)

    def _finish_all(self, finishes: Sequence[Finish]) -> Sequence[bool]:
        for finish in finishes:
            until = waits_until(finish.state, finish.run_at, finish.at)
            if until is not None and outgrows_its_body(finish.held, until):
                self._keep(finish.held, until)
            if finish.held.search_keys:
                self._keys.keep(finish.held, finish.expires_at)
        proof = self._proof()
        answers = self._batches.write(
            [
                # PartiQL has no word for an attribute that shall not be there.
                None
                if finish.if_untold
                else self._alter(record_key(finish.job_id), finish_attempt(finish), returning=proof)
                for finish in finishes
            ]
        )
        return [self._finish(*both) for both in zip(finishes, answers, strict=True)]

    def _keep(self, record: Record, until: datetime) -> None:
        """Have what leads to the job, and what it needs to run, outlive ``until``."""
        self._single.keep_body(record, until)
        self._keys.keep(record, until + BODY_LIFETIME)
        if record.unique_key is not None:
            from workerless.aws.last import keep_last, last_key  # noqa: PLC0415 -- few jobs have

            self._table.update(last_key(record), keep_last(record, until + BODY_LIFETIME))

    def _postpone_all(self, postponements: Sequence[Postponement]) -> Sequence[bool]:
        from workerless.aws.due import postpone_due  # noqa: PLC0415 -- as above

        proof = self._proof()
        answers = self._batches.write(
            [
                self._alter(record_key(one.job_id), postpone_due(one), returning=proof)
                for one in postponements
            ]
        )
        return [self._moved(*both) for both in zip(postponements, answers, strict=True)]

    def _moved(self, postponement: Postponement, answer: Answer | None) -> bool:
        if self._is_done(answer):
            return True
        if answer is not None and answer.old is not None:
            return is_due(answer.old, postponement.until)
        from workerless.aws.due import postpone_due  # noqa: PLC0415 -- as above

        met = self._table.update(record_key(postponement.job_id), postpone_due(postponement))
        return not isinstance(met, Refused) or is_due(met.old or {}, postponement.until)

    def _proof(self) -> "Literal['MODIFIED OLD'] | None":
        return None if self._batches.is_proven else "MODIFIED OLD"

    def _is_done(self, answer: Answer | None) -> bool:
        if answer is None or answer.code is not None:
            return False
        return answer.item is not None or self._batches.is_proven

    def _finish(self, finish: Finish, answer: Answer | None) -> bool:
        if self._is_done(answer):
            return True
        if answer is not None and answer.old is not None:
            return is_finished_by(to_record(answer.old), finish)
        return self._single.finish(finish)

    def _change_if(
        self, job_id: str, change: "Callable[[Record], Update]", *, states: frozenset[State]
    ) -> Record:
        """The record after a change that only a job in one of ``states`` allows, else as it is."""
        for _ in range(_MAX_RACES):
            (item,) = self._table.read([record_key(job_id)])
            record = to_record(item) if item is not None else None
            if record is None or has_expired(record, self._clock.now()):
                raise self._not_found(job_id)
            if record.state not in states:
                return record
            answer = self._single.update(job_id, change(record))
            if isinstance(answer, Record):
                return answer
        raise StoreUnavailableError(f"job {job_id} was changed by others {_MAX_RACES} times")

    def _told(self, after: Record, at: datetime) -> Record:
        """``after`` itself, once a batch or workflow knows that a member of it has ended."""
        if after.member_of is not None and after.state.is_terminal:
            from workerless.aws.workflow.ends import tell  # noqa: PLC0415 -- few jobs are members

            tell([after], self._table, self._clock, at)
        return after

    def _not_found(self, job_id: str) -> JobNotFoundError:
        return JobNotFoundError(
            f"no record of job {job_id!r}: not enqueued here, not started yet (sent without a "
            "record), or past its retention"
        )
