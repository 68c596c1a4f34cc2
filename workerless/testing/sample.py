"""A record, a claim and a finish that fit together; name only what matters to the test."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from workerless.record import AttemptError, Lease, Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.transition import Claim, Finish

HOLDER = "token-1"


def a_record(job_id: str = "job-1", **changes: Any) -> Record:
    """A pending job of type ``send_email`` that was enqueued when a ``FakeClock`` starts."""
    record = Record(
        job_id=job_id,
        job_type="send_email",
        state=State.PENDING,
        digest="0" * 64,
        body="{}",
        max_attempts=3,
        enqueued_at=START,
        updated_at=START,
        run_at=START,
    )
    return replace(record, **changes)


def a_lease(token: str = HOLDER, *, until: datetime | None = None, alone: bool = True) -> Lease:
    """A lease of one minute from the start of a ``FakeClock``."""
    return Lease(token=token, until=until or START + timedelta(minutes=1), alone=alone)


def a_claim(job_id: str = "job-1", **changes: Any) -> Claim:
    """A claim of ``a_record`` at the start of a ``FakeClock``."""
    return replace(
        Claim(job_id=job_id, job_type="send_email", lease=a_lease(), now=START), **changes
    )


def a_finish(
    job_id: str = "job-1", *, token: str = HOLDER, held: Record | None = None, **changes: Any
) -> Finish:
    """The success of the attempt that ``a_claim`` started, or of the one that ``held`` shows."""
    running = held or a_record(
        job_id, state=State.PROCESSING, attempt=1, lease=a_lease(token), started_at=START
    )
    return replace(Finish(held=running, state=State.COMPLETED, at=START), **changes)


def an_error(attempt: int = 1, message: str = "boom") -> AttemptError:
    """Why an attempt failed at the start of a ``FakeClock``."""
    return AttemptError(attempt=attempt, at=START, error_type="OSError", message=message)
