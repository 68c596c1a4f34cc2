"""A job in its caller's hands: where it is, how to wait for it, how to call it off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workerless.data_ref import DataRef
from workerless.errors import (
    BlobNotFoundError,
    JobNotFoundError,
    JobStateError,
    ResultMissingError,
    WaitTimeoutError,
    WorkerlessError,
)
from workerless.eventing import Post
from workerless.job_type import JobType
from workerless.limits import MAX_ERROR_FILE_BYTES, MAX_RESULT_BYTES
from workerless.message import MalformedMessage, Message, read
from workerless.patience import pauses
from workerless.payload import Payload, Result, read_data
from workerless.payload_file import CorruptFileError, read_file, read_payload_file
from workerless.ports import Blobs, Clock, Store
from workerless.record import AttemptError, Progress, Record
from workerless.states import State
from workerless.tracking import Tracking

_NO_DATA: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus[R]:
    """What is known of a job at one moment.

    ``data`` is None when its message was unreadable, or the file of its payload is gone. With
    ``is_cancelling`` it was called off while it ran.
    ``version`` is that of ``data``, None where its message tells none.
    ``parent_id`` is the job whose handler enqueued it, ``traceparent`` its W3C trace context.
    ``cursor`` is where a long job goes on, as JSON has it, and ``continuations`` how often it did.
    ``last_heartbeat`` is of one that has run for 30 s at least, ``stalled_at`` when an attempt was
    last found dead.
    ``result`` is the job type's model when the handle knows the type, else plain JSON data.
    """

    id: str
    type: str
    state: State
    attempt: int
    max_attempts: int
    progress: Progress | None
    data: Mapping[str, Any] | None
    result: R | None
    failed_reason: str | None
    errors: tuple[AttemptError, ...]
    enqueued_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    tenant: str | None
    correlation_id: str | None
    version: int | None = None
    parent_id: str | None = None
    traceparent: str | None = None
    tags: tuple[str, ...] = ()
    start_by: datetime | None = None
    is_cancelling: bool = False
    lane: str | None = None
    cursor: Any = None
    continuations: int = 0
    last_heartbeat: datetime | None = None
    stalled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job[R]:
    """A handle. ``is_duplicate`` tells that enqueueing met a job that was there already."""

    id: str
    store: Store
    blobs: Blobs
    clock: Clock
    post: Post | None = None
    job_type: JobType[Any, Any] | None = None
    is_duplicate: bool = False

    def status(self) -> JobStatus[R]:
        """Where the job is now.

        Payload and result may lie in files, which are read. Raises ``JobNotFoundError``, also of a
        job that is untracked, or lean and not started yet; ``StoreUnavailableError``,
        ``BlobsUnavailableError``, ``ResultMissingError``; and ``WorkerlessError`` for a result that
        the job type's present model cannot read.
        """
        self.need_tracking()
        record = self._record()
        if record is None:
            raise self._not_found()
        return status_of(record, self.job_type, self.blobs)

    def error_text(self, error: AttemptError) -> str:
        """All that an attempt said: ``error`` in the record may be cut.

        At most 256 KiB. Raises ``BlobsUnavailableError``; where the text was lost, or its time is
        over, it is what the record has.
        """
        try:
            if error.details is not None:
                return self.blobs.get(error.details, limit_bytes=MAX_ERROR_FILE_BYTES).decode(
                    errors="replace"
                )
        except BlobNotFoundError:
            pass
        return f"{error.error_type}: {error.message}\n\n{error.traceback}"

    def wait(self, timeout: timedelta = timedelta(minutes=5)) -> JobStatus[R]:
        """The status once the job has ended, however it did.

        Asks after 0.1 s and then ever less often, at most every 2 s. Raises ``WaitTimeoutError``,
        and at once ``JobNotFoundError`` when tracking is off.
        """
        self.need_tracking()
        record = self._record()
        for pause in pauses(timeout, self.clock):
            if record is not None and record.state.is_terminal:
                break
            self.clock.sleep(pause)
            record = self._record()
        return self._ended(record, timeout)

    async def wait_async(self, timeout: timedelta = timedelta(minutes=5)) -> JobStatus[R]:  # noqa: ASYNC109 -- as wait
        """The same in a coroutine: others go on meanwhile, also while the store is asked."""
        from asyncio import to_thread  # noqa: PLC0415 -- 20 ms that only coroutines pay

        self.need_tracking()
        record = await to_thread(self._record)
        for pause in pauses(timeout, self.clock):
            if record is not None and record.state.is_terminal:
                break
            await self.clock.pause(pause)
            record = await to_thread(self._record)
        return await to_thread(self._ended, record, timeout)

    def _ended(self, record: Record | None, timeout: timedelta) -> JobStatus[R]:
        if record is not None and record.state.is_terminal:
            return status_of(record, self.job_type, self.blobs)
        state = record.state.value if record else "not started"
        raise WaitTimeoutError(
            f"job {self.id!r} is {state} after {timeout}; it goes on, ask again later"
        )

    def cancel(self, reason: str = "cancelled by its caller") -> bool:
        """Call off a job that waits or is held, and ask one that runs to end; True if it is over.

        A handler may heed that, at ``job.progress`` or where it looks at ``job.cancelled``, or
        complete all the same; ``wait`` tells. Raises ``JobNotFoundError``, and ``JobStateError``
        for a job that has ended otherwise.
        """
        self.need_tracking()
        now = self.clock.now()
        keep = self.job_type.completed_retention if self.job_type else timedelta(hours=24)
        try:
            record = self.store.cancel(self.id, at=now, reason=reason[:500], expires_at=now + keep)
        except JobNotFoundError as error:
            raise self._not_found() from error
        return is_called_off(record)

    def send_event(self, name: str, data: Payload | Mapping[str, Any] = _NO_DATA) -> None:
        """Give the job the event ``name``, which it waits for or will: at most 4 KiB of JSON.

        The first one counts; the same again is no other. Raises ``EnqueueRefusedError`` for a name
        or data that cannot be, ``JobNotFoundError``, ``StoreUnavailableError``, and
        ``JobStateError`` where an event with other data came first, the job has waited long
        enough, or has ended.
        """
        self.need_tracking()
        if self.post is None:
            raise WorkerlessError("this client keeps no events; use one of workerless.client")
        self.post.send(self.id, name, data)

    def need_tracking(self) -> None:
        """Raises ``JobNotFoundError`` for a job that has no record to ask."""
        if self.job_type is not None and self.job_type.tracking is Tracking.OFF:
            raise JobNotFoundError(
                f"nothing is known of job {self.id!r}: tracking of {self.job_type.name} is off, so "
                "its jobs have no records"
            )

    def _not_found(self) -> JobNotFoundError:
        if self.job_type is not None and self.job_type.tracking is Tracking.LEAN:
            return JobNotFoundError(
                f"no record of job {self.id!r}: tracking of {self.job_type.name} is lean, so a job "
                "has none until it first starts; or it was never enqueued, or is past its retention"
            )
        return JobNotFoundError(
            f"no job has the id {self.id!r}: it was never enqueued in this stage, has not started "
            "yet (sent without a record), is past its retention, or of a job type with tracking off"
        )

    def _record(self) -> Record | None:
        (record,) = self.store.get_many([self.id])
        return record


def is_called_off(record: Record) -> bool:
    """Whether a job that somebody cancels is over; False where it runs and was asked to end.

    Raises ``JobStateError`` for one that has ended otherwise.
    """
    if record.state not in (State.CANCELLED, State.PROCESSING):
        raise JobStateError(
            f"job {record.job_id!r} is {record.state.value}; only a job that has not ended can be "
            "cancelled"
        )
    return record.state is State.CANCELLED


def status_of(record: Record, job_type: JobType[Any, Any] | None, blobs: Blobs) -> JobStatus[Any]:
    """What a record and its files tell of its job. Raises as ``Job.status`` does."""
    message = _message(record)
    return JobStatus(
        id=record.job_id,
        type=record.job_type,
        state=record.state,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        progress=record.progress,
        data=_data(message, blobs) if message else None,
        result=_result(record, job_type, blobs),
        failed_reason=record.reason,
        errors=record.errors,
        enqueued_at=record.enqueued_at,
        run_at=record.run_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        tenant=record.tenant,
        correlation_id=record.correlation_id,
        version=message.version if message else None,
        parent_id=record.parent_id,
        traceparent=message.traceparent if message else None,
        tags=record.tags,
        start_by=record.start_by,
        is_cancelling=record.cancel_reason is not None and not record.state.is_terminal,
        lane=record.lane,
        cursor=json.loads(record.checkpoint.cursor) if record.checkpoint else None,
        continuations=record.continuations,
        last_heartbeat=record.last_heartbeat,
        stalled_at=record.stalled_at,
    )


def _message(record: Record) -> Message | None:
    try:
        return read(record.body, job_type=record.job_type, message_id=record.job_id)
    except MalformedMessage:
        return None


def _data(message: Message, blobs: Blobs) -> Mapping[str, Any] | None:
    try:
        return read_payload_file(message.ref, blobs) if message.ref else message.data
    except (MalformedMessage, BlobNotFoundError, CorruptFileError):
        return None


def _result(record: Record, job_type: JobType[Any, Any] | None, blobs: Blobs) -> Any:
    if record.result is None:
        return None
    model: type[Result] | None = job_type.result if job_type else None
    data = json.loads(_result_text(record.result, record.job_id, blobs))
    if model is None:
        return data
    try:
        return read_data(model, data, extra="ignore")
    except ValidationError as error:
        raise WorkerlessError(
            f"the result of job {record.job_id!r} is not a {model.__name__} any more: "
            f"{error.error_count()} fields do not fit; read it through client.job(id)"
        ) from error


def _result_text(result: str | DataRef, job_id: str, blobs: Blobs) -> str:
    if isinstance(result, str):
        return result
    try:
        return read_file(result, blobs, limit_bytes=MAX_RESULT_BYTES).decode()
    except (BlobNotFoundError, CorruptFileError) as error:
        raise ResultMissingError(
            f"job {job_id!r} completed, but its result cannot be had: {error}"
        ) from error
