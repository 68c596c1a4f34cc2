"""From a payload and a caller's options to a record and its message. Pure: nothing is stored."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless import limits
from workerless.asked_id import asked_id
from workerless.asked_lane import asked_lane
from workerless.asked_start import start_by
from workerless.asked_unique import longest_delay, unique_key
from workerless.claim_check import PayloadFile, packed
from workerless.data_ref import UNKNOWN_RETENTION, payload_keep
from workerless.depth import check_depth, next_depth
from workerless.due import is_parked
from workerless.errors import EnqueueRefusedError
from workerless.frozen import frozen
from workerless.job_type import JobType
from workerless.message import TENANT, Message
from workerless.origin import correlation, origin
from workerless.payload import Payload
from workerless.ports import Outgoing
from workerless.record import Record
from workerless.search_key import keys_of
from workerless.states import State
from workerless.tag import checked_tags
from workerless.trace_context import traceparent_here
from workerless.tracking import Tracking
from workerless.transition import is_payload_of

if TYPE_CHECKING:
    from workerless.priority import Priority


@frozen
class Options:
    """What a caller may say of one job, besides its payload; ``depth`` is that of where it is."""

    job_id: str | None = None
    idempotency_key: str | None = None
    delay: timedelta = timedelta(0)
    attempts: int | None = None
    tenant: str | None = None
    priority: "Priority | int | str | None" = None
    lane: str | None = None
    correlation_id: str | None = None
    parent_id: str | None = None
    traceparent: str | None = None
    tags: Iterable[str] = ()
    expires_in: timedelta | None = None
    member_of: str | None = None
    depth: int = field(default_factory=next_depth)


@frozen
class Entry:
    """One job about to be stored, its file first, and sent unless it is parked.

    Unless ``is_recorded``, its record is only what its first claim will make, if any ever does.
    ``job_type`` may hold it up still: for want of room, or since it has its like.
    """

    record: Record
    outgoing: Outgoing | None
    is_recorded: bool
    job_type: JobType[Any, Any]
    file: PayloadFile | None = None

    def is_same_job(self, other: Record) -> bool:
        """Whether ``other``, found under the same id, is this very job, edited or not."""
        is_ours = other.job_type == self.record.job_type
        return is_ours and is_payload_of(other, self.record.digest)


def entry(
    job_type: JobType[Any, Any],
    payload: Payload,
    options: Options,
    *,
    now: datetime,
    new_id: Callable[[], str],
    bucket: Callable[[], str],
) -> Entry:
    """``bucket`` is asked for its name only when the payload needs a file.

    Raises ``EnqueueRefusedError`` naming the option, what it got and what is allowed.
    """
    parked = is_parked(options.delay)
    is_recorded = _is_recorded(job_type, parked=parked)
    _check_tracking(job_type, options)
    check_depth(job_type.name, options.depth, job_type.max_depth)
    max_attempts = _attempts(job_type, options.attempts)
    data = job_type.data(payload)
    longest = longest_delay(job_type, options.delay)
    message = _message(
        job_type.name,
        data,
        options,
        lane=_lane(job_type, options),
        start_by=start_by(_expires_in(job_type, options), longest, now),
        version=job_type.version,
        generation=1 if is_recorded else None,
        attempts=None if is_recorded else options.attempts,
        now=now,
        new_id=new_id,
    )
    keep = payload_keep(longest, job_type.failed_retention)
    # First of all: only what can be a body has a digest.
    message, body, file = packed(message, keep, bucket)
    record = Record(
        job_id=message.job_id,
        job_type=job_type.name,
        state=State.SCHEDULED if options.delay else State.PENDING,
        digest=message.digest,
        body=body,
        max_attempts=max_attempts,
        enqueued_at=now,
        updated_at=now,
        run_at=now + options.delay,
        tenant=options.tenant,
        lane=message.lane,
        start_by=message.start_by,
        correlation_id=message.correlation_id,
        parent_id=message.parent_id,
        tags=message.tags,
        member_of=options.member_of,
        search_keys=keys_of(job_type.search_keys, data),
        unique_key=unique_key(job_type, data, options.tenant),
    )
    return Entry(
        record=record,
        outgoing=None if parked else _outgoing(record.body, message, options),
        is_recorded=is_recorded,
        file=file,
        job_type=job_type,
    )


def foreign_message(
    name: str,
    data: Mapping[str, Any],
    options: Options,
    *,
    lane: str | None = None,
    now: datetime,
    new_id: Callable[[], str],
    bucket: Callable[[], str],
) -> tuple[Message, Outgoing, PayloadFile | None]:
    """A message without a record, as another language's producer would send it, and its file."""
    _check_delay(options.delay, limits.MAX_DELAY, "without a record")
    check_depth(name, options.depth, limits.MAX_DEPTH)
    most = limits.MAX_ATTEMPTS
    attempts = options.attempts
    _check("attempts", attempts, attempts is None or 1 <= attempts <= most, f"1 to {most}")
    message = _message(
        name,
        data,
        options,
        lane=lane,
        start_by=start_by(options.expires_in, options.delay, now),
        version=None,
        generation=None,
        attempts=attempts,
        now=now,
        new_id=new_id,
    )
    keep = payload_keep(options.delay, UNKNOWN_RETENTION)
    message, body, file = packed(message, keep, bucket)
    return message, _outgoing(body, message, options), file


def _message(
    name: str,
    data: Mapping[str, Any],
    options: Options,
    *,
    lane: str | None,
    start_by: datetime | None,
    version: int | None,
    generation: int | None,
    attempts: int | None,
    now: datetime,
    new_id: Callable[[], str],
) -> Message:
    job_id = asked_id(name, options.job_id, options.idempotency_key, new_id)
    tenant = options.tenant
    _check(
        "tenant",
        tenant,
        tenant is None or TENANT.fullmatch(tenant) is not None,
        f"1 to {limits.MAX_GROUP_ID_LENGTH} ASCII letters, digits and punctuation, without spaces",
    )
    for option in ("correlation_id", "parent_id", "traceparent"):
        text = getattr(options, option)
        _check(
            option,
            text,
            text is None or (0 < len(text) <= 256 and text.isprintable()),  # noqa: PLR2004 -- as in message.py
            "1 to 256 printable characters",
        )
    return Message(
        job_id=job_id,
        job_type=name,
        data=data,
        version=version,
        generation=generation,
        attempts=attempts,
        time=now,
        tenant=tenant,
        lane=lane,
        start_by=start_by,
        correlation_id=options.correlation_id or correlation() or job_id,
        parent_id=options.parent_id or origin().job_id,
        traceparent=options.traceparent or traceparent_here(),
        tags=_tags(options.tags),
        member_of=options.member_of,
        depth=options.depth,
    )


def _lane(job_type: JobType[Any, Any], options: Options) -> str | None:
    lanes = job_type.lanes
    return asked_lane(
        job_type.name,
        lanes.weights if lanes else (),
        default=lanes.default if lanes else None,
        priority=options.priority,
        lane=options.lane,
    )


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    try:
        return checked_tags(tags)
    except ValueError as error:
        raise EnqueueRefusedError(str(error)) from error


def _expires_in(job_type: JobType[Any, Any], options: Options) -> timedelta | None:
    return job_type.expires_in if options.expires_in is None else options.expires_in


def _is_recorded(job_type: JobType[Any, Any], *, parked: bool) -> bool:
    """Whether the record comes before the message: a parked job has nothing else."""
    match job_type.tracking:
        case Tracking.FULL:
            return True
        case Tracking.LEAN:
            return parked
        case Tracking.OFF:
            return False


def _check_tracking(job_type: JobType[Any, Any], options: Options) -> None:
    """Only a record holds a long wait, and only a record knows that a key was there before."""
    if options.member_of is not None:
        from workerless.asked_member import check_member  # noqa: PLC0415 -- few jobs are

        check_member(job_type)
    if job_type.tracking is not Tracking.OFF:
        _check_delay(options.delay, limits.MAX_WAIT)
        return
    _check_delay(options.delay, limits.MAX_DELAY, "with tracking off")
    key = options.idempotency_key
    _check("idempotency_key", key, key is None, f"None, since tracking of {job_type.name} is off")


def _check_delay(delay: timedelta, longest: timedelta, why: str = "") -> None:
    fits = timedelta(0) <= delay <= longest
    _check("delay", delay, fits, f"between 0 s and {longest} {why}".rstrip())


def _attempts(job_type: JobType[Any, Any], attempts: int | None) -> int:
    most = job_type.retry.attempts
    if attempts is None:
        return most
    _check("attempts", attempts, 1 <= attempts <= most, f"between 1 and the job type's own {most}")
    return attempts


def _outgoing(body: str, message: Message, options: Options) -> Outgoing:
    return Outgoing(
        body=body,
        delay=options.delay,
        group=options.tenant,
        lane=message.lane,
        traceparent=message.traceparent,
    )


def _check(field: str, got: object, fits: bool, allowed: str) -> None:  # noqa: FBT001 -- private
    if not fits:
        raise EnqueueRefusedError(f"{field} must be {allowed}, got {got!r}", field=field)
