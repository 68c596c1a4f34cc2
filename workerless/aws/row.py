"""A row of the index ``by_state``: a job that rests, without its record."""

from datetime import datetime

from workerless.aws.item import Item, read_place
from workerless.aws.value import Value, read_expiry, read_instant, read_milliseconds
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
            first_started_at=_instant(item, "first_started_at"),
            started_at=_instant(item, "started_at"),
            finished_at=_instant(item, "finished_at"),
            sent_for=_instant(item, "sent_for"),
            expires_at=read_expiry(item["expires_at"]) if "expires_at" in item else None,
            tenant=_text(item, "tenant"),
            correlation_id=_text(item, "correlation_id"),
            tags=tuple(item["tags"]["S"].split(",")) if "tags" in item else (),
            reason=_text(item, "reason"),
            error_type=_text(item, "error_type"),
            message=_text(item, "error_message"),
            fingerprint=_text(item, "fingerprint"),
        )
    except (LookupError, ValueError, TypeError) as error:
        raise RecordUnreadableError(
            f"row {item.get('pk')} of by_state is none of ours: {type(error).__name__}: {error}"
        ) from error


def _integer(value: Value) -> int:
    return int(value["N"])


def _instant(item: Item, name: str) -> datetime | None:
    return read_instant(item[name]) if name in item else None


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None
