"""What operators ask of the table, and no worker: searches, and decisions about failed jobs."""

import secrets
from collections.abc import Sequence
from functools import partial

from workerless.aws import searching, statement
from workerless.aws.batch import each_of_job
from workerless.aws.decision import dismiss_failed, if_failed, redrive_failed
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.item import Item, record_key, state_key, to_record
from workerless.aws.query import Partition
from workerless.aws.single import Lost
from workerless.aws.statement import Statement
from workerless.aws.table import Answer
from workerless.aws.update import Update, whole_seconds
from workerless.aws.value import text
from workerless.due import SHARDS
from workerless.errors import StoreUnavailableError
from workerless.record import Record
from workerless.redrive import (
    Changed,
    Dismissal,
    Redrive,
    dismissed,
    is_dismissed_by,
    is_redriven_by,
    redriven,
)
from workerless.retention import bodiless, has_expired, outgrows_its_body
from workerless.search import Count, Hits, Search
from workerless.states import State

_SECRET_KEY = {"pk": text("STAGE"), "sk": text("SECRET")}
_SECRET_BYTES = 32


class DynamoOperatorStore(DynamoStore):
    """The records of one stage, to be searched, and what people decide about those that failed."""

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        return searching.search(self._table, search, self._clock.now(), limit=limit, cursor=cursor)

    def count(self, job_type: str, state: State, *, at_most: int) -> Count:
        found = 0
        for shard in range(SHARDS):
            key = {"state_key": state_key(job_type, state, shard)}
            found += Partition(table=self._table, key=key, index="by_state").count(
                "attribute_not_exists(expires_at) OR expires_at > :now",
                {":now": whole_seconds(self._clock.now())},
                at_most=at_most - found,
            )
            if found > at_most:
                return Count(number=at_most, at_least=True)
        return Count(number=found)

    def secret(self) -> bytes:
        new: Item = {**_SECRET_KEY, "secret": {"B": secrets.token_bytes(_SECRET_BYTES)}}
        (item,) = self._table.read([_SECRET_KEY])
        if item is None:
            refused = self._table.put(new, condition="attribute_not_exists(pk)")
            item = new if refused is None else refused.old
        if item is None or "secret" not in item:
            raise StoreUnavailableError("the stage's secret was there and then not")
        return item["secret"]["B"]

    def redrive_many(self, redrives: Sequence[Redrive]) -> list[Changed]:
        return each_of_job(redrives, self._redrive_all, self._spread)

    def dismiss_many(self, dismissals: Sequence[Dismissal]) -> list[Changed]:
        return each_of_job(dismissals, self._dismiss_all, self._spread)

    def delete_many(self, seen: Sequence[Record]) -> list[bool]:
        return each_of_job(seen, self._delete_all, self._spread)

    def _redrive_all(self, redrives: Sequence[Redrive]) -> Sequence[Changed]:
        for redrive in redrives:
            self._keep_body(redrive)
        again = [redriven(redrive.seen, redrive) for redrive in redrives]
        self._keys.put(again)
        updates = [redrive_failed(redrive) for redrive in redrives]
        # An edited body may leave its record, and PartiQL removes nothing that is not there.
        plain = [
            None if redrive.edit else update
            for redrive, update in zip(redrives, updates, strict=True)
        ]
        found = self._change_all(again, updates, plain)
        return self._tell(
            [
                self._changed(record, is_done=is_redriven_by(record, redrive))
                for redrive, record in zip(redrives, found, strict=True)
            ]
        )

    def _keep_body(self, redrive: Redrive) -> None:
        """First of all: a record that waits for a body that is gone waits in vain."""
        if redrive.edit is not None:
            self._single.put_body(redriven(redrive.seen, redrive))
        elif outgrows_its_body(redrive.seen, redrive.run_at):
            self._single.renew_body(redrive.seen, redrive.run_at)

    def _dismiss_all(self, dismissals: Sequence[Dismissal]) -> Sequence[Changed]:
        ended = [dismissed(dismissal.seen, dismissal) for dismissal in dismissals]
        updates = [dismiss_failed(dismissal) for dismissal in dismissals]
        found = self._change_all(ended, updates, updates)
        return self._tell(
            [
                self._changed(record, is_done=is_dismissed_by(record, dismissal))
                for dismissal, record in zip(dismissals, found, strict=True)
            ]
        )

    def _tell(self, changed: Sequence[Changed]) -> Sequence[Changed]:
        """``changed`` itself, once batches and workflows know what became of their members."""
        done = [one.record for one in changed if one.is_done and one.record is not None]
        members = [record for record in done if record.member_of is not None]
        if members:
            from workerless.aws.workflow.ends import tell  # noqa: PLC0415 -- few jobs are members

            tell(members, self._table, self._clock, self._clock.now())
        return changed

    def _change_all(
        self, after: Sequence[Record], updates: Sequence[Update], plain: Sequence[Update | None]
    ) -> list[Record | None]:
        """What stands there after each update; those that are ``plain`` too go in one call.

        ``after`` is what each makes of its job: reading that back would be most of the work. Who is
        refused may meet its own work, from a call whose answer was lost: the record tells.
        """
        proof = self._proof()
        statements = [
            self._alter(record_key(new.job_id), one, returning=proof) if one else None
            for new, one in zip(after, plain, strict=True)
        ]
        answers = self._batches.write(statements)
        return [
            bodiless(new) if self._is_done(answer) else self._met(answer, new.job_id, update)
            for new, update, answer in zip(after, updates, answers, strict=True)
        ]

    def _met(self, answer: Answer | None, job_id: str, update: Update) -> Record | None:
        if answer is not None and answer.old is not None:
            return to_record(answer.old)
        return self._change(job_id, update)

    def _change(self, job_id: str, update: Update) -> Record | None:
        answer = self._single.update(job_id, update)
        return answer.old if isinstance(answer, Lost) else answer

    def _changed(self, record: Record | None, *, is_done: bool) -> Changed:
        is_gone = record is None or has_expired(record, self._clock.now())
        return Changed(is_done=is_done and not is_gone, record=None if is_gone else record)

    def _delete_all(self, seen: Sequence[Record]) -> Sequence[bool]:
        now = self._clock.now()
        delete = partial(statement.delete, self._table.name)
        statements: list[Statement | None] = [
            delete(record_key(one.job_id), if_failed(one, now)) for one in seen
        ]
        answers = self._batches.write(statements)
        return [
            self._delete(one) if answer is None or answer.item is None else True
            for one, answer in zip(seen, answers, strict=True)
        ]

    def _delete(self, seen: Record) -> bool:
        now = self._clock.now()
        only = if_failed(seen, now)
        key = record_key(seen.job_id)
        refused = self._table.delete(key, condition=only.condition, values=only.values)
        if refused is None or refused.old is None:
            return True
        return has_expired(to_record(refused.old), now)
