"""From a task of a workflow to a record and its message. Pure.

Whoever makes it again makes the same job: its id comes from its place. ``unique`` and
``max_waiting`` of its type do not hold it up: that it is to run has been decided.
"""

from collections.abc import Callable
from datetime import datetime

from workerless.asked_start import start_by
from workerless.claim_check import PayloadFile, packed
from workerless.data_ref import UNKNOWN_RETENTION, payload_keep
from workerless.due import is_parked
from workerless.frozen import frozen
from workerless.membership import Membership
from workerless.message import Message
from workerless.ports import Outgoing
from workerless.record import Record
from workerless.search_key import keys_of
from workerless.states import State
from workerless.workflow.definition import Task
from workerless.workflow_ports import Container


@frozen
class TaskJob:
    """One job of a workflow about to be stored, its file first, and sent unless it is parked."""

    record: Record
    outgoing: Outgoing | None
    file: PayloadFile | None


def task_job(
    task: Task,
    container: Container,
    job_id: str,
    place: Membership | None,
    *,
    now: datetime,
    bucket: Callable[[], str],
) -> TaskJob:
    """``place`` is its slot in ``container``, None of what is no member of it: a callback.

    ``bucket`` is asked for its name only when the payload needs a file. Raises
    ``EnqueueRefusedError`` for a payload that cannot be one.
    """
    member_of = str(place) if place else None
    message = Message(
        job_id=job_id,
        job_type=task.job_type,
        data=task.data,
        version=task.version,
        generation=1,
        time=now,
        tenant=container.tenant,
        lane=task.lane,
        start_by=start_by(task.expires_in, task.delay, now),
        correlation_id=container.correlation_id or container.container_id,
        traceparent=container.traceparent,
        tags=task.tags,
        member_of=member_of,
        depth=container.job_depth,
    )
    message, body, file = packed(message, payload_keep(task.delay, UNKNOWN_RETENTION), bucket)
    record = Record(
        job_id=job_id,
        job_type=task.job_type,
        state=State.SCHEDULED if task.delay else State.PENDING,
        digest=message.digest,
        body=body,
        max_attempts=task.attempts,
        enqueued_at=now,
        updated_at=now,
        run_at=now + task.delay,
        tenant=container.tenant,
        lane=task.lane,
        start_by=message.start_by,
        correlation_id=message.correlation_id,
        tags=task.tags,
        search_keys=keys_of(task.search_keys, task.data),
        member_of=member_of,
    )
    outgoing = Outgoing(
        body=body,
        delay=task.delay,
        group=container.tenant,
        lane=task.lane,
        traceparent=container.traceparent,
    )
    is_waiting_long = is_parked(task.delay)
    return TaskJob(record=record, outgoing=None if is_waiting_long else outgoing, file=file)
