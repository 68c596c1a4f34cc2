"""A row of the index ``by_state``: a job that rests, without its record."""

from workerless.aws.item import Item, read_place
from workerless.aws.value import (
    Value,
    optional_instant,
    optional_text,
    read_expiry,
    read_instant,
    read_milliseconds,
)
from workerless.errors import RecordUnreadableError
from workerless.search import Listed
from workerless.states import State


def to_row(item: Item, job_type: str, state: State) -> Listed:
    """Raises ``RecordUnreadableError`` for what another version may have written."""
    try:
        at, job_id = read_place(item["state_at"])
        return Listed(
            job_id=job_id,
            job_type=job_type,
            state=state,
            updated_at=read_milliseconds(at),
            enqueued_at=read_instant(item["enqueued_at"]),
            run_at=read_instant(item["run_at"]),
            attempt=_integer(item["attempt"]),
            max_attempts=_integer(item["max_attempts"]),
            generation=_integer(item["generation"]),
            first_started_at=optional_instant(item, "first_started_at"),
            started_at=optional_instant(item, "started_at"),
            finished_at=optional_instant(item, "finished_at"),
            sent_for=optional_instant(item, "sent_for"),
            expires_at=read_expiry(item["expires_at"]) if "expires_at" in item else None,
            tenant=optional_text(item, "tenant"),
            correlation_id=optional_text(item, "correlation_id"),
            tags=tuple(item["tags"]["S"].split(",")) if "tags" in item else (),
            reason=optional_text(item, "reason"),
            error_type=optional_text(item, "error_type"),
            message=optional_text(item, "error_message"),
            fingerprint=optional_text(item, "fingerprint"),
        )
    except (LookupError, ValueError, TypeError) as error:
        raise RecordUnreadableError(
            f"row {item.get('pk')} of by_state is none of ours: {type(error).__name__}: {error}"
        ) from error


def _integer(value: Value) -> int:
    return int(value["N"])
