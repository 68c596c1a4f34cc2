"""A job in its caller's hands: where it is, how to wait for it, how to call it off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workerless.errors import (
    JobNotFoundError,
    JobStateError,
    WaitTimeoutError,
    WorkerlessError,
)
from workerless.job_type import JobType
from workerless.message import MalformedMessage, Message, read
from workerless.payload import Result
from workerless.ports import Clock, Store
from workerless.record import AttemptError, Progress, Record
from workerless.states import State
from workerless.tracking import Tracking

_FIRST_PAUSE = timedelta(milliseconds=100)
_LONGEST_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus[R]:
    """What is known of a job at one moment. ``data`` is None when its message was unreadable.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job[R]:
    """A handle. ``is_duplicate`` tells that enqueueing met a job that was there already."""

    id: str
    store: Store
    clock: Clock
    job_type: JobType[Any, Any] | None = None
    is_duplicate: bool = False

    def status(self) -> JobStatus[R]:
        """Where the job is now.

        Raises ``JobNotFoundError``, also of a job that is untracked, or lean and not started yet;
        ``StoreUnavailableError``; and ``WorkerlessError`` for a result that the job type's present
        model cannot read.
        """
        self._need_tracking()
        (record,) = self.store.get_many([self.id])
        if record is None:
            raise self._not_found()
        return _status(record, self.job_type)

    def wait(self, timeout: timedelta = timedelta(minutes=5)) -> JobStatus[R]:
        """The status once the job has ended, however it did.

        Asks after 0.1 s and then ever less often, at most every 2 s. Raises ``WaitTimeoutError``,
        and at once ``JobNotFoundError`` when tracking is off.
        """
        self._need_tracking()
        give_up_at = self.clock.now() + timeout
        pause = _FIRST_PAUSE
        while True:
            status = self._status_or_none()
            if status is not None and status.state.is_terminal:
                return status
            left = give_up_at - self.clock.now()
            if left <= timedelta(0):
                state = status.state.value if status else "not started"
                raise WaitTimeoutError(
                    f"job {self.id!r} is {state} after {timeout}; it goes on, ask again later"
                )
            self.clock.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def cancel(self, reason: str = "cancelled by its caller") -> None:
        """Call off a job that waits or is held; a cancelled one stays as it is.

        Raises ``JobNotFoundError``, and ``JobStateError`` for a job that runs or has ended.
        """
        self._need_tracking()
        now = self.clock.now()
        keep = self.job_type.completed_retention if self.job_type else timedelta(hours=24)
        try:
            record = self.store.cancel(self.id, at=now, reason=reason[:500], expires_at=now + keep)
        except JobNotFoundError as error:
            raise self._not_found() from error
        if record.state is not State.CANCELLED:
            raise JobStateError(
                f"job {self.id!r} is {record.state.value}; only a job that waits or is held can be "
                "cancelled"
            )

    def _need_tracking(self) -> None:
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

    def _status_or_none(self) -> JobStatus[R] | None:
        try:
            return self.status()
        except JobNotFoundError:
            return None


def _status(record: Record, job_type: JobType[Any, Any] | None) -> JobStatus[Any]:
    return JobStatus(
        id=record.job_id,
        type=record.job_type,
        state=record.state,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        progress=record.progress,
        data=_data(record),
        result=_result(record, job_type),
        failed_reason=record.reason,
        errors=record.errors,
        enqueued_at=record.enqueued_at,
        run_at=record.run_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        tenant=record.tenant,
        correlation_id=record.correlation_id,
    )


def _data(record: Record) -> Mapping[str, Any] | None:
    try:
        message: Message = read(record.body, job_type=record.job_type, message_id=record.job_id)
    except MalformedMessage:
        return None
    return message.data


def _result(record: Record, job_type: JobType[Any, Any] | None) -> Any:
    if record.result is None:
        return None
    model: type[Result] | None = job_type.result if job_type else None
    data = json.loads(record.result)
    if model is None:
        return data
    try:
        return model.model_validate(data, extra="ignore")
    except ValidationError as error:
        raise WorkerlessError(
            f"the result of job {record.job_id!r} is not a {model.__name__} any more: "
            f"{error.error_count()} fields do not fit; read it through client.job(id)"
        ) from error
