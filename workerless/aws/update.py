"""The writes of the protocol, each one conditional update. Pure: expressions, no calls.

Each condition is written so that the writer who lost an answer and asks again is refused and finds
its own signature in the old item, never so that it applies twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workerless.aws.item import (
    errors_value,
    index_values,
    lease_values,
    progress_value,
    result_value,
    steps_value,
    unlisted_values,
)
from workerless.aws.value import Value, expiry, instant, number, optional, text
from workerless.due import due_after, due_at
from workerless.frozen import frozen
from workerless.record import Checkpoint, Progress, Record
from workerless.states import WAITING, State
from workerless.transition import Claim, Finish, asked_to_end, cancelled, finished, rescheduled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

_WAITING = {f":{state}": text(state) for state in sorted(WAITING)}
_IS_WAITING = f"#state IN ({', '.join(_WAITING)})"
_RUNS_UNDER = "#state = :running AND #lease_token = :token"


# What a finish may change, besides state and time.
_FINISHED: Mapping[str, Callable[[Any], Value]] = {
    "attempt": number,
    "run_at": instant,
    "first_started_at": instant,
    "started_at": instant,
    "finished_at": instant,
    "expires_at": expiry,
    "result": result_value,
    "reason": text,
    "errors": errors_value,
    "waits": steps_value,
    "continuations": number,
}


@frozen
class Update:
    """What to change where ``condition`` holds. A change to None removes the attribute.

    ``computed`` are SET clauses that need the old value; ``values`` are those that they and the
    condition name. Attributes are written ``#name`` throughout: many of ours are reserved words.
    """

    condition: str
    changes: Mapping[str, Value | None]
    computed: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)

    def parameters(self, table: str, key: Mapping[str, Value]) -> "UpdateItemInputTypeDef":
        kept = {name: value for name, value in self.changes.items() if value is not None}
        sets = [*(f"#{name} = :new_{name}" for name in kept), *self.computed]
        removes = [f"#{name}" for name, value in self.changes.items() if value is None]
        values = {**{f":new_{name}": value for name, value in kept.items()}, **self.values}
        clauses = (("SET", sets), ("REMOVE", removes))
        expression = " ".join(f"{verb} {', '.join(some)}" for verb, some in clauses if some)
        told: UpdateItemInputTypeDef = {
            "TableName": table,
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": self.condition,
            "ExpressionAttributeNames": names_in(f"{expression} {self.condition}"),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:  # DynamoDB refuses none
            told["ExpressionAttributeValues"] = values
        return told


def names_in(expression: str) -> dict[str, str]:
    """What its ``#names`` stand for."""
    return {f"#{name}": name for name in sorted(set(re.findall(r"#(\w+)", expression)))}


def claim_waiting(claim: Claim) -> Update:
    """Take a job that waits, without having read it. It stays where it is in the index."""
    return _claiming(
        claim,
        "(#state = :pending OR #run_at <= :now)"
        " AND (attribute_not_exists(#lease_token) OR #lease_token <> :token)",
        {":token": text(claim.lease.token)},
    )


def claim_plainly(claim: Claim) -> Update:
    """The same for the plain case, in a condition without OR, as PartiQL needs it.

    A claim repeated after its attempt has finished meets a later ``updated_at``. Clocks that
    disagree only cost the plain way.
    """
    return _claiming(claim, "#run_at <= :now AND #updated_at < :now", {})


def _claiming(claim: Claim, condition: str, values: Mapping[str, Value]) -> Update:
    condition = (
        f"#job_type = :job_type AND {_IS_WAITING} AND #generation <= :generation AND {condition}"
    )
    known = {":generation": number(claim.generation or 1)}
    if claim.new is not None:
        condition += " AND #digest = :digest"
        known[":digest"] = text(claim.new.digest)
    return Update(
        condition=condition,
        changes={
            "state": text(State.PROCESSING),
            **lease_values(claim.lease),
            "started_at": instant(claim.now),
            "updated_at": instant(claim.now),
        },
        computed=("#attempt = #attempt + :one",),
        values={
            **_WAITING,
            ":job_type": text(claim.job_type),
            ":now": instant(claim.now),
            ":one": number(1),
            **values,
            **known,
        },
    )


def take_over(old: Record, new: Record) -> Update:
    """Take a job from the attempt that held ``old.lease``, if all is as it was seen."""
    unchanged: dict[str, Value] = {}
    condition = "#state = :running AND attribute_not_exists(#lease_token)"
    if old.lease is not None:
        condition = f"{_RUNS_UNDER} AND #lease_until = :until"
        unchanged = {":token": text(old.lease.token), ":until": instant(old.lease.until)}
    untold = "attribute_not_exists(#stalled_at)"
    condition += f" AND {'#stalled_at = :stalled' if old.stalled_at else untold}"
    if old.stalled_at:
        unchanged[":stalled"] = instant(old.stalled_at)
    return Update(
        condition=condition,
        changes={
            **(lease_values(new.lease) if new.lease else {}),
            "attempt": number(new.attempt),
            **({"continuations": number(new.continuations)} if new.continuations else {}),
            "stalled_at": optional(instant, new.stalled_at),
            "first_started_at": optional(instant, new.first_started_at),
            "started_at": optional(instant, new.started_at),
            "updated_at": instant(new.updated_at),
        },
        values={":running": text(State.PROCESSING), **unchanged},
    )


def finish_attempt(finish: Finish) -> Update:
    """End the attempt that holds the token, which stays as a signature.

    Nothing is counted or appended here: what the holder knows of its record is what is written.
    """
    held, after = finish.held, finished(finish.held, finish)
    changes = dict[str, Value | None](state=text(after.state), updated_at=instant(finish.at))
    for name, encode in _FINISHED.items():
        if (value := getattr(after, name)) != getattr(held, name):
            changes[name] = optional(encode, value)
    if after.checkpoint is not None and held.has_advanced:  # it may not be written yet
        changes["checkpoint"] = text(after.checkpoint.to_json())
    changes |= index_values(after, due=due_after(finish.run_at, finish.at), listed=finish.listed)
    condition, values = _RUNS_UNDER, _signature(finish.token)
    if finish.if_untold:
        condition += " AND attribute_not_exists(#cancel_reason) AND "
        condition += "#events = :events" if held.events else "attribute_not_exists(#events)"
        values |= {":events": number(held.events)} if held.events else {}
    return Update(condition=condition, changes=changes, values=values)


def note_progress(token: str, progress: Progress, at: datetime) -> Update:
    """Note how far the attempt that holds the token is."""
    return _note(token, "progress", progress_value(progress), at)


def keep_checkpoint(token: str, checkpoint: Checkpoint, at: datetime) -> Update:
    """Keep from where the job goes on that the attempt which holds the token is at work on."""
    return _note(token, "checkpoint", text(checkpoint.to_json()), at)


def keep_steps(token: str, steps: Mapping[str, str], at: datetime) -> Update:
    """Keep what the steps of the attempt that holds the token gave: only it writes them."""
    return _note(token, "steps", steps_value(steps), at)


def alive(token: str, at: datetime) -> Update:
    """Note that the process of the attempt that holds the token lives."""
    return Update(
        condition=_RUNS_UNDER, changes={"heartbeat_at": instant(at)}, values=_signature(token)
    )


def _note(token: str, name: str, value: Value, at: datetime) -> Update:
    return Update(
        condition=_RUNS_UNDER,
        changes={name: value, "updated_at": instant(at)},
        values=_signature(token),
    )


def cancel_or_ask(record: Record, *, at: datetime, reason: str, expires_at: datetime) -> Update:
    """Cancel the job of ``record`` or, where it runs, ask it to end, if it is as that says."""
    if record.state is State.PROCESSING:
        told = asked_to_end(record, reason).cancel_reason
        return _while_as_it_is(record, {"cancel_reason": optional(text, told)})
    return _cancel_waiting(record, at=at, reason=reason, expires_at=expires_at)


def _cancel_waiting(record: Record, *, at: datetime, reason: str, expires_at: datetime) -> Update:
    after = cancelled(record, at=at, reason=reason, expires_at=expires_at)
    return _while_as_it_is(
        record,
        {
            "state": text(after.state),
            "reason": text(reason),
            "updated_at": instant(at),
            "finished_at": instant(at),
            "expires_at": expiry(expires_at),
            **index_values(after, due=None),
        },
    )


def give_up_idle(idle: Record, failed: Record) -> Update:
    """Make ``idle``, as it was read, ``failed``: anybody's change since then is in the way."""
    return Update(
        condition="#state = :seen_state AND #updated_at = :seen_at",
        changes={
            "state": text(failed.state),
            "reason": optional(text, failed.reason),
            "errors": errors_value(failed.errors),
            "updated_at": instant(failed.updated_at),
            "finished_at": optional(instant, failed.finished_at),
            "expires_at": optional(expiry, failed.expires_at),
            **index_values(failed, due=None),
        },
        values={":seen_state": text(idle.state), ":seen_at": instant(idle.updated_at)},
    )


def reschedule_waiting(record: Record, *, run_at: datetime, at: datetime) -> Update:
    """Give the job of ``record`` another time to run, and the sweeper another to look at it."""
    after = rescheduled(record, run_at=run_at, at=at)
    unlisted = unlisted_values() if record.state.is_resting else {}
    return _while_as_it_is(
        record,
        {
            "state": text(after.state),
            "reason": None,
            "start_by": optional(instant, after.start_by),
            **unlisted,
            "run_at": instant(run_at),
            "updated_at": instant(at),
            **index_values(after, due=due_at(run_at, at)),
        },
    )


def _while_as_it_is(record: Record, changes: Mapping[str, Value | None]) -> Update:
    """Another job may have the id by now: the digest tells, and the type, which is in the index."""
    return Update(
        condition="#state = :was AND #digest = :digest AND #job_type = :job_type",
        changes=changes,
        values={
            ":was": text(record.state),
            ":digest": text(record.digest),
            ":job_type": text(record.job_type),
        },
    )


def keep_until(until: datetime) -> Update:
    """Let an item that is there live until then."""
    return Update(condition="attribute_exists(#pk)", changes={"expires_at": expiry(until)})


def whole_seconds(now: datetime) -> Value:
    """``now`` to compare with ``expires_at``, rounded down."""
    return expiry(now.replace(microsecond=0))


def _signature(token: str) -> dict[str, Value]:
    return {":running": text(State.PROCESSING), ":token": text(token)}
