"""Dead jobs that nobody wants any more, and jobs that shall not run after all."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from workerless import naming
from workerless.errors import BlobNotFoundError, JobNotFoundError
from workerless.message import MalformedMessage, read
from workerless.operations.desk import Desk
from workerless.operations.outcome import Outcome, Result
from workerless.operations.redriving import MOVED
from workerless.record import Record
from workerless.redrive import Dismissal
from workerless.states import State

ARCHIVE_RETENTION = timedelta(days=400)
# As long as a failed job's record: only its declaration knows the job type's own.
_RETENTION = timedelta(days=7)
_MAX_REASON = 500


def discard_many(seen: Sequence[Record], desk: Desk, *, by: str, why: str) -> list[Outcome]:
    """What became of each failed job, in order. Raises ``StoreUnavailableError``."""
    now = desk.clock.now()
    answers = desk.store.dismiss_many(
        [
            Dismissal(
                seen=record,
                by=by,
                at=now,
                reason=why[:_MAX_REASON],
                expires_at=now + _RETENTION,
            )
            for record in seen
        ]
    )
    return [
        Outcome(job_id=record.job_id, result=Result.DONE)
        if answer.is_done
        else Outcome(job_id=record.job_id, result=Result.SKIPPED, why=MOVED)
        for record, answer in zip(seen, answers, strict=True)
    ]


def archive_many(seen: Sequence[Record], desk: Desk, *, by: str, why: str) -> list[Outcome]:
    """The same, once each is a file. Raises ``BlobsUnavailableError`` too."""
    for record in seen:
        _archive(record, desk)
    return discard_many(seen, desk, by=by, why=why)


def cancel_many(seen: Sequence[Record], desk: Desk, *, why: str) -> list[Outcome]:
    """What became of each job, in order; ``why`` signs it. One that runs by now is asked to end."""
    now, outcomes = desk.clock.now(), []
    for record in seen:
        try:
            after = desk.store.cancel(
                record.job_id, at=now, reason=why[:_MAX_REASON], expires_at=now + _RETENTION
            )
        except JobNotFoundError:
            after = None
        is_ours = after is not None and is_cancelled_by(after, why)
        outcomes.append(
            Outcome(job_id=record.job_id, result=Result.DONE)
            if is_ours
            else Outcome(job_id=record.job_id, result=Result.SKIPPED, why=MOVED)
        )
    return outcomes


def is_cancelled_by(record: Record, why: str) -> bool:
    """Whether ``why`` is what it was cancelled for, or asked to end for."""
    told = why[:_MAX_REASON]
    return told == (record.reason if record.state is State.CANCELLED else record.cancel_reason)


def _archive(record: Record, desk: Desk) -> None:
    """Its file, over itself if it is there: a JSON object.

    ``job_id``, ``job_type``, ``enqueued_at``, ``body`` as text, ``payload`` (``inline``, ``kept``
    where the file that the body refers to is kept for as long, or ``missing``), and ``record``
    with ``state``, ``reason``, ``attempts``, ``failed_at`` and ``errors``.
    """
    told = {
        "job_id": record.job_id,
        "job_type": record.job_type,
        "enqueued_at": record.enqueued_at.isoformat(),
        "body": record.body,
        "payload": _keep_payload(record, desk),  # first: who dies after it does it again
        "record": _shown(record),
    }
    day = f"{record.enqueued_at:%Y-%m-%d}"
    name = f"{record.job_id}.{record.generation}"
    key = naming.archived_letter(record.job_type, day, name)
    desk.blobs.put(key, json.dumps(told).encode(), keep=ARCHIVE_RETENTION)


def _keep_payload(record: Record, desk: Desk) -> str:
    try:
        ref = read(record.body, job_type=record.job_type, message_id=record.job_id).ref
        if ref is None:
            return "inline"
        desk.blobs.extend(ref.key, keep=ARCHIVE_RETENTION)
    except MalformedMessage:
        return "inline" if record.body else "missing"
    except BlobNotFoundError:
        return "missing"
    return "kept"


def _shown(record: Record) -> dict[str, Any]:
    return {
        "state": record.state.value,
        "reason": record.reason,
        "attempts": record.attempt,
        "failed_at": record.finished_at.isoformat() if record.finished_at else None,
        "errors": [asdict(error) | {"at": error.at.isoformat()} for error in record.errors],
    }
