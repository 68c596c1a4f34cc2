"""The writes of the protocol, each one conditional UpdateItem. Pure: expressions, no calls.

Each condition is written so that the writer who lost an answer and asks again is refused and finds
its own signature in the old item, never so that it applies twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from workerless.aws.item import (
    errors_value,
    index_values,
    lease_values,
    progress_value,
    result_value,
    steps_value,
)
from workerless.aws.value import Value, expiry, instant, number, optional, text
from workerless.ports import Due
from workerless.record import MAX_ERRORS, AttemptError, Progress, Record
from workerless.states import CANCELLABLE, WAITING, State
from workerless.transition import Claim, Finish

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

_WAITING = {f":{state}": text(state) for state in sorted(WAITING)}
_IS_WAITING = f"#state IN ({', '.join(_WAITING)})"
_CANCELLABLE = {f":{state}": text(state) for state in sorted(CANCELLABLE)}
_IS_CANCELLABLE = (
    f"#state IN ({', '.join(_CANCELLABLE)})"
    " AND (attribute_not_exists(#expires_at) OR #expires_at > :now)"
)
_RUNS_UNDER = "#state = :running AND #lease_token = :token"


@dataclass(frozen=True, slots=True, kw_only=True)
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
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        names = set(re.findall(r"#(\w+)", f"{expression} {self.condition}"))
        return {
            "TableName": table,
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": self.condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in sorted(names)},
            "ExpressionAttributeValues": {
                **{f":new_{name}": value for name, value in kept.items()},
                **self.values,
            },
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def claim_waiting(claim: Claim) -> Update:
    """Take a job that waits, without having read it. It stays where it is in the index."""
    condition = (
        f"#job_type = :job_type AND {_IS_WAITING} AND (#state = :pending OR #run_at <= :now)"
        " AND (attribute_not_exists(#lease_token) OR #lease_token <> :token)"
    )
    known: dict[str, Value] = {}
    if claim.generation is not None:
        condition += " AND #generation <= :generation"
        known[":generation"] = number(claim.generation)
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
        computed=(
            "#attempt = #attempt + :one",
            "#first_started_at = if_not_exists(#first_started_at, :now)",
        ),
        values={
            **_WAITING,
            ":job_type": text(claim.job_type),
            ":now": instant(claim.now),
            ":token": text(claim.lease.token),
            ":one": number(1),
            **known,
        },
    )


def take_over(old: Record, new: Record) -> Update:
    """Take a job from the attempt that held ``old.lease`` and let it run out."""
    unchanged: Mapping[str, Value] = {}
    condition = "#state = :running AND attribute_not_exists(#lease_token)"
    if old.lease is not None:
        condition = f"{_RUNS_UNDER} AND #lease_until = :until"
        unchanged = {":token": text(old.lease.token), ":until": instant(old.lease.until)}
    return Update(
        condition=condition,
        changes={
            **(lease_values(new.lease) if new.lease else {}),
            "attempt": number(new.attempt),
            "first_started_at": optional(instant, new.first_started_at),
            "started_at": optional(instant, new.started_at),
            "updated_at": instant(new.updated_at),
        },
        values={":running": text(State.PROCESSING), **unchanged},
    )


def finish_attempt(finish: Finish, errors: tuple[AttemptError, ...] | None = None) -> Update:
    """End the attempt that holds the token, which stays as a signature.

    ``errors`` None appends the finish's own error, refused when the list is full; otherwise they
    replace the list. DynamoDB cannot append and trim in one expression (the paths overlap), and
    most jobs end before their sixth error: only from that one on is there a second call.
    """
    changes: dict[str, Value | None] = {
        "state": text(finish.state),
        "reason": optional(text, finish.reason),
        "updated_at": instant(finish.at),
        "finished_at": instant(finish.at) if finish.state.is_terminal else None,
        "expires_at": optional(expiry, finish.expires_at),
        **index_values(finish.job_id, finish.state, finish.run_at, finish.at, listed=finish.listed),
    }
    if finish.run_at is not None:
        changes["run_at"] = instant(finish.run_at)
    if finish.result is not None:
        changes["result"] = result_value(finish.result)
    if errors is not None:
        changes["errors"] = errors_value(errors)
    return _appending(finish, changes, appended=finish.error if errors is None else None)


def _appending(
    finish: Finish, changes: Mapping[str, Value | None], *, appended: AttemptError | None
) -> Update:
    condition, computed, values = _RUNS_UNDER, list[str](), _signature(finish.token)
    if finish.refund:
        computed.append("#attempt = #attempt - :one")
        values[":one"] = number(1)
    if appended is not None:
        condition += " AND (attribute_not_exists(#errors) OR size(#errors) < :most)"
        computed.append("#errors = list_append(if_not_exists(#errors, :none), :error)")
        values[":most"] = number(MAX_ERRORS)
        values |= {":none": {"L": []}, ":error": errors_value((appended,))}
    return Update(condition=condition, changes=changes, computed=tuple(computed), values=values)


def note_progress(token: str, progress: Progress, at: datetime) -> Update:
    """Note how far the attempt that holds the token is."""
    return Update(
        condition=_RUNS_UNDER,
        changes={"progress": progress_value(progress), "updated_at": instant(at)},
        values=_signature(token),
    )


def keep_steps(token: str, steps: Mapping[str, str], at: datetime) -> Update:
    """Keep what the steps of the attempt that holds the token gave: only it writes them."""
    return Update(
        condition=_RUNS_UNDER,
        changes={"steps": steps_value(steps), "updated_at": instant(at)},
        values=_signature(token),
    )


def cancel_waiting(
    job_id: str, *, at: datetime, reason: str, expires_at: datetime, now: datetime
) -> Update:
    """Cancel a job that waits or is held and is not past its retention at ``now``."""
    return Update(
        condition=_IS_CANCELLABLE,
        changes={
            "state": text(State.CANCELLED),
            "reason": text(reason),
            "updated_at": instant(at),
            "finished_at": instant(at),
            "expires_at": expiry(expires_at),
            **index_values(job_id, State.CANCELLED, None, at),
        },
        values={**_CANCELLABLE, ":now": whole_seconds(now)},
    )


def reschedule_waiting(job_id: str, *, run_at: datetime, at: datetime, now: datetime) -> Update:
    """Give a job that waits or is held another time to run, and the sweeper one to look at it."""
    return Update(
        condition=_IS_CANCELLABLE,
        changes={
            "state": text(State.SCHEDULED),
            "reason": None,
            "run_at": instant(run_at),
            "updated_at": instant(at),
            **index_values(job_id, State.SCHEDULED, run_at, at),
        },
        values={**_CANCELLABLE, ":now": whole_seconds(now)},
    )


def postpone_due(due: Due, until: datetime) -> Update:
    """Move the sweeper's next look on, unless the job has moved or ended since it was found."""
    return Update(
        condition="#due_at = :seen",
        changes={"due_at": instant(until)},
        values={":seen": instant(due.at)},
    )


def whole_seconds(now: datetime) -> Value:
    """``now`` to compare with ``expires_at``, rounded down."""
    return expiry(now.replace(microsecond=0))


def _signature(token: str) -> dict[str, Value]:
    return {":running": text(State.PROCESSING), ":token": text(token)}
