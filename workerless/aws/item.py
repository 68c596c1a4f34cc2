"""A job's record as an item of the table, and back. Pure: names and shapes, no calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workerless.aws.value import (
    Value,
    expiry,
    instant,
    number,
    optional,
    optional_instant,
    optional_text,
    read_expiry,
    read_instant,
    text,
    texts,
)
from workerless.data_ref import DataRef
from workerless.due import due_at, shard_of
from workerless.errors import RecordUnreadableError
from workerless.record import AttemptError, Checkpoint, Lease, Progress, Record
from workerless.states import TROUBLED, State

type Item = Mapping[str, Value]

_DIGITS = 15  # of epoch milliseconds, until the year 33658


def record_key(job_id: str) -> dict[str, Value]:
    """Where a job's record lies; ``job_id`` need not be one of ours."""
    return {"pk": text(f"JOB#{job_id}"), "sk": text("RECORD")}


def body_key(job_id: str, digest: str) -> dict[str, Value]:
    """By digest, so that a refused put of another payload cannot replace the body that counts."""
    return {"pk": text(f"JOB#{job_id}"), "sk": text(f"BODY#{digest}")}


def to_item(record: Record) -> dict[str, Value]:
    """The record's item, index attributes included, its body left out."""
    values: dict[str, Value | None] = {
        **record_key(record.job_id),
        "job_id": text(record.job_id),
        "job_type": text(record.job_type),
        "state": text(record.state),
        "digest": text(record.digest),
        "max_attempts": number(record.max_attempts),
        "attempt": number(record.attempt),
        "generation": number(record.generation),
        "enqueued_at": instant(record.enqueued_at),
        "updated_at": instant(record.updated_at),
        "run_at": instant(record.run_at),
        "sent_for": optional(instant, record.sent_for),
        "first_started_at": optional(instant, record.first_started_at),
        "started_at": optional(instant, record.started_at),
        "finished_at": optional(instant, record.finished_at),
        "progress": optional(progress_value, record.progress),
        "result": result_value(record.result) if record.result is not None else None,
        "reason": optional(text, record.reason),
        "errors": errors_value(record.errors) if record.errors else None,
        "steps": steps_value(record.steps) if record.steps else None,
        "tenant": optional(text, record.tenant),
        "lane": optional(text, record.lane),
        "correlation_id": optional(text, record.correlation_id),
        "parent_id": optional(text, record.parent_id),
        "tags": text(",".join(record.tags)) if record.tags else None,
        "search_keys": search_keys_value(record.search_keys) if record.search_keys else None,
        "expires_at": optional(expiry, record.expires_at),
        "redriven_at": optional(instant, record.redriven_at),
        "redriven_by": optional(text, record.redriven_by),
        "dismissed_by": optional(text, record.dismissed_by),
        "filed_from": optional(text, record.filed_from),
        "waits": optional(steps_value, record.waits),
        "unique_key": optional(text, record.unique_key),
        "start_by": optional(instant, record.start_by),
        "cancel_reason": optional(text, record.cancel_reason),
        "events": number(record.events) if record.events else None,
        "member_of": optional(text, record.member_of),
        "checkpoint": text(record.checkpoint.to_json()) if record.checkpoint else None,
        "continuations": number(record.continuations) if record.continuations else None,
        "stalled_at": optional(instant, record.stalled_at),
        "heartbeat_at": optional(instant, record.heartbeat_at),
        "former_digests": texts(record.former_digests) if record.former_digests else None,
        **(lease_values(record.lease) if record.lease else {}),
        **index_values(record, due=due_at(record.run_at, record.updated_at)),
    }
    return {name: value for name, value in values.items() if value is not None}


def to_record(item: Item, body: str = "") -> Record:
    """The record in ``item``. Raises ``RecordUnreadableError`` when there is none in it."""
    try:
        return _record(item, body)
    except (LookupError, ValueError, TypeError) as error:
        raise RecordUnreadableError(
            f"item {item.get('pk')} is no record of a job: {type(error).__name__}: {error}"
        ) from error


def index_values(
    record: Record, *, due: datetime | None, listed: bool = True
) -> dict[str, Value | None]:
    """What puts a job into the one index it belongs to, None what takes it out of the other.

    ``due`` holds jobs that have not ended, by the time to look at them (None leaves it as it is);
    ``by_state`` those that have and are ``listed`` or wait for a person, by their last change.
    """
    if not record.state.is_resting:
        return {"due_shard": number(shard_of(record.job_id)), "due_at": instant(due)} if due else {}
    left: dict[str, Value | None] = {"due_shard": None, "due_at": None}
    if not listed:
        return left
    key = state_key(record.job_type, record.state, shard_of(record.job_id))
    at = state_at(int(instant(record.updated_at)["N"]), record.job_id)
    return {**left, "state_key": key, "state_at": at, **_trouble(record)}


def unlisted_values() -> dict[str, Value | None]:
    """What takes a job out of ``by_state``, with all that only rows of it have."""
    return dict.fromkeys(("state_key", "state_at", "error_type", "error_message", "fingerprint"))


def _trouble(record: Record) -> dict[str, Value | None]:
    """What a row tells of a job that ended in trouble: an index cannot look into ``errors``."""
    if record.state not in TROUBLED:
        return {}
    # A dozen expressions to compile, which a job that fails may wait for.
    from workerless.search import listed  # noqa: PLC0415 -- 5 ms of a cold start

    row = listed(record)
    told = {
        "error_type": row.error_type,
        "error_message": row.message,
        "fingerprint": row.fingerprint,
    }
    return {name: text(value) for name, value in told.items() if value is not None}


def state_key(job_type: str, state: State, shard: int) -> Value:
    """One partition of ``by_state``. Composed: PartiQL refuses keys of several attributes."""
    return text(f"{job_type}#{state}#{shard}")


def state_at(milliseconds: int, job_id: str) -> Value:
    """A place in ``by_state``: texts of one length sort as their numbers do."""
    return text(f"{milliseconds:0{_DIGITS}}#{job_id}")


def read_state_at(value: Value) -> int:
    """Epoch milliseconds, out of what ``state_at`` wrote."""
    return int(value["S"][:_DIGITS])


def read_place(value: Value) -> tuple[int, str]:
    """Epoch milliseconds and job id, out of what ``state_at`` wrote."""
    return read_state_at(value), value["S"][_DIGITS + 1 :]


def is_due(item: Item, at: datetime) -> bool:
    """Whether a job's record is to be looked at ``at`` that time."""
    return item.get("due_at") == instant(at)


def lease_values(lease: Lease) -> dict[str, Value]:
    """A lease, flat: conditions ask for its token."""
    return {
        "lease_token": text(lease.token),
        "lease_until": instant(lease.until),
        "lease_alone": {"BOOL": lease.alone},
    }


def progress_value(progress: Progress) -> Value:
    """As JSON text: a job may tell anything JSON can say, and DynamoDB's numbers cannot.

    Raises ``TypeError`` or ``ValueError`` for what JSON cannot say.
    """
    told = {"percent": progress.percent, "step": progress.step, "meta": dict(progress.meta)}
    return text(json.dumps(told, allow_nan=False, ensure_ascii=False))


def steps_value(steps: Mapping[str, str]) -> Value:
    """As JSON text, for the same reason."""
    return text(json.dumps(dict(steps), ensure_ascii=False))


def search_keys_value(search_keys: Mapping[str, str]) -> Value:
    """A map of texts."""
    return {"M": {field: text(value) for field, value in search_keys.items()}}


def result_value(result: str | DataRef) -> Value:
    """JSON text, or a map that says where it lies."""
    if isinstance(result, str):
        return text(result)
    told = {"bucket": result.bucket, "key": result.key, "digest": result.digest}
    return {"M": {name: text(value) for name, value in told.items()}}


def errors_value(errors: tuple[AttemptError, ...]) -> Value:
    """Errors as a list of maps, the oldest first."""
    return {"L": [{"M": _error_values(error)} for error in errors]}


def _record(item: Item, body: str) -> Record:
    return Record(
        job_id=item["job_id"]["S"],
        job_type=item["job_type"]["S"],
        state=State(item["state"]["S"]),
        digest=item["digest"]["S"],
        body=body,
        max_attempts=int(item["max_attempts"]["N"]),
        attempt=int(item["attempt"]["N"]),
        generation=int(item["generation"]["N"]),
        enqueued_at=read_instant(item["enqueued_at"]),
        updated_at=read_instant(item["updated_at"]),
        run_at=read_instant(item["run_at"]),
        sent_for=optional_instant(item, "sent_for"),
        lease=_lease(item) if "lease_token" in item else None,
        first_started_at=optional_instant(item, "first_started_at"),
        started_at=optional_instant(item, "started_at"),
        finished_at=optional_instant(item, "finished_at"),
        progress=Progress(**json.loads(item["progress"]["S"])) if "progress" in item else None,
        result=_result(item["result"]) if "result" in item else None,
        reason=optional_text(item, "reason"),
        errors=_errors(item["errors"]["L"]) if "errors" in item else (),
        steps=json.loads(item["steps"]["S"]) if "steps" in item else {},
        tenant=optional_text(item, "tenant"),
        lane=optional_text(item, "lane"),
        correlation_id=optional_text(item, "correlation_id"),
        parent_id=optional_text(item, "parent_id"),
        tags=tuple(item["tags"]["S"].split(",")) if "tags" in item else (),
        search_keys=_texts(item["search_keys"]["M"]) if "search_keys" in item else {},
        expires_at=read_expiry(item["expires_at"]) if "expires_at" in item else None,
        redriven_at=optional_instant(item, "redriven_at"),
        redriven_by=optional_text(item, "redriven_by"),
        dismissed_by=optional_text(item, "dismissed_by"),
        filed_from=optional_text(item, "filed_from"),
        waits=json.loads(item["waits"]["S"]) if "waits" in item else None,
        unique_key=optional_text(item, "unique_key"),
        start_by=optional_instant(item, "start_by"),
        cancel_reason=optional_text(item, "cancel_reason"),
        events=int(item["events"]["N"]) if "events" in item else 0,
        member_of=optional_text(item, "member_of"),
        checkpoint=Checkpoint.from_json(item["checkpoint"]["S"]) if "checkpoint" in item else None,
        continuations=int(item["continuations"]["N"]) if "continuations" in item else 0,
        stalled_at=optional_instant(item, "stalled_at"),
        heartbeat_at=optional_instant(item, "heartbeat_at"),
        former_digests=tuple(value["S"] for value in item.get("former_digests", {"L": []})["L"]),
    )


def _error_values(error: AttemptError) -> dict[str, Value]:
    return {
        "attempt": number(error.attempt),
        "at": instant(error.at),
        "error_type": text(error.error_type),
        "message": text(error.message),
        "traceback": text(error.traceback),
        **({"details": text(error.details)} if error.details is not None else {}),
    }


def _errors(values: Sequence[Any]) -> tuple[AttemptError, ...]:
    return tuple(_error(value["M"]) for value in values)


def _error(values: Mapping[str, Any]) -> AttemptError:
    return AttemptError(
        attempt=int(values["attempt"]["N"]),
        at=read_instant(values["at"]),
        error_type=values["error_type"]["S"],
        message=values["message"]["S"],
        traceback=values["traceback"]["S"],
        details=optional_text(values, "details"),
    )


def _result(value: Mapping[str, Any]) -> str | DataRef:
    if "S" in value:
        return str(value["S"])
    return DataRef(**_texts(value["M"]))


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: inner["S"] for name, inner in values.items()}


def _lease(item: Item) -> Lease:
    return Lease(
        token=item["lease_token"]["S"],
        until=read_instant(item["lease_until"]),
        alone=item["lease_alone"]["BOOL"],
    )
