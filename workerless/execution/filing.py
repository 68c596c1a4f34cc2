"""Letters of jobs without records, filed as failed records: so every dead job is in one list.

A file is nothing but the record that a worker would have left. Its letter goes once it is there:
the record has the body, and whoever has the job run again needs no letter. ``filed_from`` names the
letter, so that a sweeper which died in between knows its work.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workerless.errors import BlobNotFoundError, BlobsUnavailableError
from workerless.execution.archive import archive
from workerless.execution.dead_letter import of_lost
from workerless.execution.each import each
from workerless.execution.letter import File, Letter
from workerless.execution.sweep import Sweeper
from workerless.limits import MAX_BODY_BYTES
from workerless.ports import Put
from workerless.record import AttemptError, Record
from workerless.states import State

# As long as an archived letter: there is no other trace of the job.
FILED_RETENTION = timedelta(days=400)
# What a job type allows unless it says otherwise; its message may say less.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A letter, the record that it shall become, and what it says of its end."""

    letter: Letter
    record: Record
    told: Mapping[str, str]


def filing(letter: Letter, fate: File, now: datetime) -> Filing:
    """What a letter says, as a record. Pure."""
    arrival = letter.arrival
    message = arrival.message
    told = letter.attributes if letter.reason else of_lost(arrival, fate.reason, now)
    failed_at = min(_instant(told.get("failed_at")) or now, now)
    error = AttemptError(
        attempt=_number(told.get("attempts")),
        at=failed_at,
        error_type=told.get("error_type", "unknown"),
        message=told.get("error_message", ""),
    )
    record = Record(
        job_id=fate.job_id,
        job_type=message.job_type,
        state=State.FAILED,
        digest=message.digest,
        body=arrival.body,
        max_attempts=message.attempts or _ATTEMPTS,
        enqueued_at=arrival.sent_at,
        updated_at=now,  # new in the list of dead jobs, however late its letter was found
        run_at=arrival.sent_at,
        generation=message.generation or 1,
        reason=fate.reason,
        errors=(error,),
        finished_at=failed_at,
        tenant=message.tenant or arrival.group,
        lane=message.lane,
        correlation_id=message.correlation_id or letter.job_id,
        parent_id=message.parent_id,
        tags=message.tags,
        # Only ours says so of a job that had a record; anybody may send another.
        member_of=message.member_of if message.generation is not None else None,
        expires_at=now + FILED_RETENTION,
        filed_from=arrival.message_id,
    )
    return Filing(letter=letter, record=record, told=told)


def file_all(filings: Sequence[Filing], sweeper: Sweeper) -> list[Letter]:
    """Store the records: the letters that are no longer needed.

    One stays whose payload's file could not be kept, whose id another took meanwhile, or about
    which the store gave no answer: the next run looks again.
    """
    safe = [one for one in filings if _is_kept(one, sweeper)]
    puts = each(
        sweeper.store.put_many,
        [one.record for one in safe],
        sweeper.telemetry,
        has_time=sweeper.has_time,
    )
    return [one.letter for one, put in zip(safe, puts, strict=True) if _is_filed(one, put)]


def _is_filed(one: Filing, put: Put | None) -> bool:
    return put is not None and put.record.filed_from == one.record.filed_from


def _is_kept(one: Filing, sweeper: Sweeper) -> bool:
    """Whether all that the record does not hold itself will last as long as it does."""
    message, body = one.letter.arrival.message, one.record.body
    try:
        if message.ref is not None:
            with suppress(BlobNotFoundError):  # gone already: whoever runs it again finds out
                sweeper.blobs.extend(message.ref.key, keep=FILED_RETENTION)
        if len(body.encode(errors="backslashreplace")) > MAX_BODY_BYTES:
            archive(one.letter, None, one.told, sweeper.blobs)
    except BlobsUnavailableError as error:
        sweeper.telemetry.trouble("filing_failed", error, job_id=one.record.job_id)
        return False
    return True


def _instant(text: str | None) -> datetime | None:
    """When a letter says that its job failed; None for what nobody of ours wrote."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
