"""Writes to one record, an item a call: the way that knows how to judge.

An answer that is none raises ``StoreUnavailableError``; what was written by then stays written, and
asking again is safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workerless.aws.item import Item, body_key, record_key, to_item, to_record
from workerless.aws.search_key import Keys
from workerless.aws.table import Refused, Table
from workerless.aws.update import (
    Update,
    claim_waiting,
    finish_attempt,
    keep_until,
    take_over,
    whole_seconds,
)
from workerless.aws.value import Value, expiry, size, text
from workerless.errors import StoreUnavailableError
from workerless.frozen import frozen
from workerless.ports import Claimed, Put
from workerless.record import Record
from workerless.retention import BODY_LIFETIME, bodiless, kept
from workerless.states import State
from workerless.transition import Claim, Finish, Verdict, claimed, in_the_way, is_finished_by, judge

# A claim, a few timestamps and a short result are yet to come into a record of 1 KB.
_INLINE_BYTES = 1_024 - 256
_MAX_RACES = 5
# No JSON text has them: what follows the first is packed, the others stand for ids.
_PACKED, _JOB, _MEMBER = "\x01", "\x02", "\x03"


@frozen
class Lost:
    """A write that was refused, and the record that stood in its way."""

    old: Record | None
    retried: bool = False


class SingleWrites:
    """One table's records, one at a time."""

    def __init__(self, table: Table, keys: Keys) -> None:
        self._table = table
        self._keys = keys

    def put(self, record: Record, now: datetime, *, retried: bool) -> Put:
        """Create a record whose body is there, unless its id is taken by one that has not expired.

        ``retried`` tells that this is not the first try, so what is there may be its work.
        """
        lost = self._create(record, now)
        if lost is None:
            return Put(created=True, record=record)
        if lost.old is None:
            raise StoreUnavailableError(f"job {record.job_id} was refused and then not there")
        # The same in every field, and found by a repeated call: its first answer was lost.
        ours = (retried or lost.retried) and lost.old == to_record(to_item(record))
        return Put(created=ours, record=record if ours else lost.old)

    def put_body(self, record: Record) -> None:
        """Store a body that has an item of its own: before the record, which is lost without it.

        One that is there already is the same, by its digest, and never has its life cut short.
        """
        if not fits_inline(record):
            self._put_apart(record)

    def _put_apart(self, record: Record) -> None:
        until = expiry(max(record.run_at + BODY_LIFETIME, record.expires_at or record.run_at))
        key = body_key(record.job_id, record.digest)
        self._table.put(
            {**key, "body": text(kept(record).body), "expires_at": until},
            condition="attribute_not_exists(pk) OR expires_at < :until",
            values={":until": until},
        )

    def bodies(self, items: Sequence[Item]) -> dict[str, str]:
        """Each job's body by job id; empty where it has outlived its own item."""
        inline = {item["job_id"]["S"]: _unpacked(item) for item in items if "body" in item}
        apart = [item for item in items if "body" not in item]
        keys = [body_key(item["job_id"]["S"], item["digest"]["S"]) for item in apart]
        found = self._table.read(keys)
        return inline | {
            item["job_id"]["S"]: body["body"]["S"] if body else ""
            for item, body in zip(apart, found, strict=True)
        }

    def keep_body(self, record: Record, until: datetime) -> bool:
        """Have a body of its own, if the job has one, outlive ``until``; whether it has."""
        key = body_key(record.job_id, record.digest)
        answer = self._table.update(key, keep_until(until + BODY_LIFETIME))
        return not isinstance(answer, Refused)

    def renew_body(self, record: Record, until: datetime) -> None:
        """The same with the body at hand: its own item may be deleted by now, past its time."""
        if not self.keep_body(record, until) and len(record.body) >= _INLINE_BYTES:
            self._put_apart(replace(record, run_at=until))

    def claim(self, claim: Claim, answer: Record | Lost | None) -> Claimed:
        """Try, and ask ``judge`` about what stood in the way, until both agree.

        ``answer`` is what a try before this met, None if there was none.
        """
        answer = answer or self._first_try(claim)
        for _ in range(_MAX_RACES):
            if isinstance(answer, Record):
                return Claimed(verdict=Verdict.GRANTED, record=answer)
            old = answer.old
            verdict = judge(old, claim)
            own = in_the_way(old, claim)
            if verdict is not Verdict.GRANTED or (own and _is_signed_by(own, claim)):
                return Claimed(verdict=verdict, record=old)
            answer = self._take(old, claim)
        raise StoreUnavailableError(
            f"job {claim.job_id} was changed by others {_MAX_RACES} times while it was claimed"
        )

    def finish(self, finish: Finish) -> bool:
        answer = self.update(finish.job_id, finish_attempt(finish))
        return isinstance(answer, Record) or is_finished_by(answer.old, finish)

    def update(self, job_id: str, update: Update) -> Record | Lost:
        """The record after ``update``, or what stood in its way."""
        answer = self._table.update(record_key(job_id), update)
        return _lost(answer) if isinstance(answer, Refused) else to_record(answer)

    def _first_try(self, claim: Claim) -> Record | Lost:
        # Creating first saves a call, but a large body or keys would be written for nothing.
        if claim.new is not None and is_one_item(claim.new):
            return Lost(old=None)
        return self.update(claim.job_id, claim_waiting(claim))

    def _take(self, old: Record | None, claim: Claim) -> Record | Lost:
        old = in_the_way(old, claim)
        new = claimed(old, claim)
        if old is None:
            self.put_body(new)
            self._keys.put([new])
            return self._create(new, claim.now) or bodiless(new)
        if old.state is State.PROCESSING:
            return self.update(claim.job_id, take_over(old, new))
        return self.update(claim.job_id, claim_waiting(claim))

    def _create(self, record: Record, now: datetime) -> Lost | None:
        refused = self._table.put(
            new_item(record),
            condition="attribute_not_exists(pk) OR expires_at <= :now",
            values={":now": whole_seconds(now)},
        )
        return None if refused is None else _lost(refused)


def new_item(record: Record) -> dict[str, Value]:
    """A new record's item, with its body where both together stay small.

    DynamoDB bills every write by the whole item; a larger body is an item of its own, written once.
    """
    item = to_item(record)
    body = _packed(record)
    return {**item, "body": text(body)} if body and _fits(item, body) else item


def fits_inline(record: Record) -> bool:
    """Whether the body lies in its record."""
    body = _packed(record)
    return body is not None and _fits(to_item(record), body)


def is_one_item(record: Record) -> bool:
    """Whether creating the record is all there is to write: no body apart, no search keys."""
    return not record.search_keys and fits_inline(record)


def _packed(record: Record) -> str | None:
    """A small body without the ids that its record has anyway; None of a large one.

    They never change, and are a hundred bytes and more of a member of a batch.
    """
    body = record.body
    if len(body) >= _INLINE_BYTES or body.startswith(_PACKED):
        return None
    if not body.isprintable():  # a stranger's, which may have anything in it
        return body
    if record.member_of is not None:
        body = body.replace(record.member_of, _MEMBER)
    return _PACKED + body.replace(record.job_id, _JOB)


def _unpacked(item: Item) -> str:
    body = item["body"]["S"]
    if not body.startswith(_PACKED):
        return body
    body = body.removeprefix(_PACKED).replace(_JOB, item["job_id"]["S"])
    return body.replace(_MEMBER, item["member_of"]["S"]) if "member_of" in item else body


def _fits(item: Mapping[str, Value], body: str) -> bool:
    taken = sum(size(name, value) for name, value in item.items())
    return taken + size("body", text(body)) <= _INLINE_BYTES


def _lost(refused: Refused) -> Lost:
    return Lost(old=to_record(refused.old) if refused.old else None, retried=refused.retried)


def _is_signed_by(record: Record, claim: Claim) -> bool:
    return record.lease is not None and record.lease.token == claim.lease.token
