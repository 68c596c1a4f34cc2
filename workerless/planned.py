"""From a schedule to its plan, and from a run of it to a record and its message. Pure."""

from datetime import datetime
from typing import Any

from workerless.errors import EnqueueRefusedError
from workerless.job_type import JobType
from workerless.message import Message
from workerless.ports import Outgoing
from workerless.record import Record
from workerless.schedule.plan import Plan, declared_id, dynamic_id
from workerless.schedule.schedule import Schedule, check_fit
from workerless.schedule.stand import Run
from workerless.scheduled import MAX_SCHEDULE_ID_LENGTH, Scheduled, is_schedule_id
from workerless.search_key import keys_of
from workerless.states import State
from workerless.tracking import Tracking


def plan_of(
    job_type: JobType[Any, Any], schedule: Schedule[Any], *, is_dynamic: bool = False
) -> Plan:
    """``schedule`` as it travels; a dynamic one's name is its key.

    Raises ``EnqueueRefusedError`` naming what does not fit, and ``DeclarationError`` for a schedule
    of another kind of job.
    """
    check_fit(job_type.name, schedule, job_type.payload, tracking=job_type.tracking)
    schedule_id = (
        dynamic_id(job_type.name, schedule.name, schedule.tenant)
        if is_dynamic
        else declared_id(job_type.name, schedule.name)
    )
    if not is_schedule_id(schedule_id):
        raise EnqueueRefusedError(
            f"name must make an id of at most {MAX_SCHEDULE_ID_LENGTH} characters together with "
            f"its job type, in letters, digits and '_.-', got {schedule_id!r}",
            field="name",
        )
    data = job_type.data(schedule.payload)
    return Plan(
        schedule_id=schedule_id,
        job_type=job_type.name,
        when=schedule.when,
        data=data,
        version=job_type.version,
        attempts=job_type.retry.attempts,
        tracking=job_type.tracking,
        search_keys=keys_of(job_type.search_keys, data),
        lane=job_type.lanes.default if job_type.lanes else None,
        overlap=schedule.overlap,
        missed=schedule.missed,
        window=schedule.window,
        tolerance=schedule.tolerance,
        start=schedule.start,
        end=schedule.end,
        spread=schedule.spread,
        tenant=schedule.tenant,
        tags=tuple(schedule.tags),
        expires_in=job_type.expires_in,
    )


def planned_job(plan: Plan, run: Run, now: datetime) -> tuple[Record, Outgoing]:
    """The job of one run: the same job whenever this is asked.

    ``unique`` and ``max_waiting`` of its type do not hold it up: a tick has been decided on.
    """
    job_id = run.job_id or plan.job_id(run.tick)
    start_by = now + plan.expires_in if plan.expires_in else None
    message = Message(
        job_id=job_id,
        job_type=plan.job_type,
        data=plan.data,
        version=plan.version,
        generation=1 if is_recorded(plan) else None,
        time=now,
        tenant=plan.tenant,
        lane=plan.lane,
        start_by=start_by,
        correlation_id=job_id,
        tags=plan.tags,
        schedule=Scheduled(schedule_id=plan.schedule_id, time=run.tick, after=run.after),
    )
    record = Record(
        job_id=job_id,
        job_type=plan.job_type,
        state=State.PENDING,
        digest=message.digest,
        body=message.body(),
        max_attempts=plan.attempts,
        enqueued_at=now,
        updated_at=now,
        run_at=now,
        tenant=plan.tenant,
        lane=plan.lane,
        start_by=start_by,
        correlation_id=job_id,
        tags=plan.tags,
        search_keys=plan.search_keys,
    )
    return record, Outgoing(body=record.body, group=plan.tenant, lane=plan.lane)


def is_recorded(plan: Plan) -> bool:
    """Whether its jobs have records, and at once: that is how the next tick finds them."""
    return plan.tracking is not Tracking.OFF
