"""Pieces of histories, for tests of the checkers."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.history import (
    Accepted,
    Acknowledged,
    Hooked,
    Letter,
    Rest,
    Sent,
    Started,
    Wrote,
)
from workerless.data_ref import DataRef
from workerless.payload import digest
from workerless.record import AttemptError, Lease, Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.tracking import Tracking

SENT = '{"text":"sent"}'
DIGEST = digest({"text": "sent"})
PENDING = Record(
    job_id="job",
    job_type="task",
    state=State.PENDING,
    digest=DIGEST,
    body=SENT,
    max_attempts=2,
    enqueued_at=START,
    updated_at=START,
    run_at=START,
)
ERROR = AttemptError(attempt=1, at=START, error_type="Error", message="")
LATER = START + timedelta(minutes=2)


def running(lease_of: str = "one", *, attempt: int = 1, alone: bool = True) -> Record:
    lease = Lease(token=lease_of, until=START + timedelta(minutes=1), alone=alone)
    return replace(PENDING, state=State.PROCESSING, attempt=attempt, lease=lease)


RUNNING = running()
COMPLETED = replace(RUNNING, state=State.COMPLETED, result='{"text":"sent"}')
RETRYING = replace(RUNNING, state=State.RETRYING, errors=(ERROR,))
FAILED = replace(RUNNING, state=State.FAILED, reason="rejected", errors=(ERROR,))


def wrote(
    call: str, before: Record | None, after: Record, *, now: datetime = START, under: str = "one"
) -> Wrote:
    return Wrote(by="worker", call=call, token=under, now=now, before=before, after=after)


def started(*, under: str = "one", attempt: int = 1, text: str = "sent") -> Started:
    what: dict[str, Any] = {"by": "worker", "job_id": "job", "text": text}
    what["digest"] = digest({"text": text})
    return Started(**what, token=under, attempt=attempt, max_attempts=2)


def rest(*records: Record, **facts: Any) -> Rest:
    calm: dict[str, Any] = {"letters": (), "is_quiet": True, "wants_letters": True, "files": {}}
    facts = {**calm, "texts": {DIGEST: "sent"}, "tracking": Tracking.FULL, **facts}
    return Rest(records={one.job_id: one for one in records}, **facts)


def acknowledged(record: Record | None, *, others: int = 0) -> Acknowledged:
    return Acknowledged(by="worker", job_id="job", message_id="m", record=record, others=others)


def sent(*, has_record: bool) -> Sent:
    return Sent(
        by="producer",
        job_id="job",
        is_letter=False,
        needs_record=True,
        has_record=has_record,
        attributes={},
    )


FILED = DataRef(bucket="files", key="results/task/job/one.json", digest=DIGEST)
REFERRED = json.dumps({"specversion": "1.0", "dataref": "", "datadigest": DIGEST})
ACCEPTED = Accepted(job_id="job", text="sent")
LETTER = Letter(job_id="job", body=SENT, attributes={"reason": "rejected"})
MOVED = Letter(job_id="job", body=SENT, attributes={})
TAKEN = Letter(job_id="job", body='{"text":"other"}', attributes={"reason": "id_taken"})
CLAIM = wrote("claim", PENDING, RUNNING)
FINISH = wrote("finish", RUNNING, COMPLETED)
HOOKED = Hooked(by="worker", hook="on_success", job_id="job")
LOST = ["every_job_ends: job is retrying", "the_queue_loses_nothing: lost: job"]
CRASHED = replace(FAILED, reason="crash_loop", attempt=2)
TAKEN_OVER = running("two", attempt=1)
