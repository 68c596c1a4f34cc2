"""Members are made: jobs get their records and then their messages, parts become containers."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from workerless.errors import EnqueueRefusedError, ResultMissingError
from workerless.membership import ROOT, Membership
from workerless.metric import ENQUEUED
from workerless.orchestration.cancel import cancel
from workerless.orchestration.result import results
from workerless.orchestration.world import Orchestra, never_ran
from workerless.payload_file import store_files
from workerless.ports import Put
from workerless.record import Record
from workerless.sending import send_all
from workerless.task_job import TaskJob, task_job
from workerless.workflow.advance import Start
from workerless.workflow.batch import opened_batch, write_batch
from workerless.workflow.binding import bind
from workerless.workflow.control import Cancel, Control, write_control
from workerless.workflow.definition import Definition, Kind, Task
from workerless.workflow.mark import member_id
from workerless.workflow.wire import write_definition
from workerless.workflow_ends import told_of
from workerless.workflow_ports import Container, Told

# A group is held open by who fills it, however long that takes.
_AS_LONG_AS_IT_TAKES = datetime(2200, 1, 1, tzinfo=UTC)


def start_all(starts: Sequence[Start], run: Container, world: Orchestra) -> bool:
    """Make these members of a workflow; whether some have ended by now, so that more follows.

    Raises ``StoreUnavailableError`` and the like: it is safe to ask again.
    """
    jobs: list[TaskJob] = []
    told: list[Told] = []
    for start in starts:
        place = Membership(container_id=run.container_id, page=ROOT, slot=start.slot)
        try:
            job, ended = _start(start, run, place, world)
            jobs += job
            told += ended
        except (EnqueueRefusedError, ResultMissingError) as error:
            world.telemetry.trouble(
                "step_refused", error, container_id=run.container_id, step=start.step
            )
            told.append(never_ran(place, world.clock.now()))
    told += post(jobs, world)
    return world.mark(told) if told else False


def _start(
    start: Start, run: Container, place: Membership, world: Orchestra
) -> tuple[list[TaskJob], list[Told]]:
    if start.part is None:
        return [], _undo(start, run, place, world)
    found = results(run.container_id, start.reads.values(), world)
    part = bind(start.part, {step: found[slot] for step, slot in start.reads.items()})
    one = member_id(run.container_id, start.slot)
    if isinstance(part, Definition):
        return [], open_part(part, run, one, place, world)
    return [make(part, run, one, place, world)], []


def make(
    task: Task, container: Container, job_id: str, place: Membership | None, world: Orchestra
) -> TaskJob:
    """A job about to be posted. Raises ``EnqueueRefusedError``."""
    now = world.clock.now()
    return task_job(task, container, job_id, place, now=now, bucket=lambda: world.blobs.bucket)


def post(jobs: Sequence[TaskJob], world: Orchestra) -> list[Told]:
    """Store and send jobs; what their slots are to be told of those that will never move again.

    One that is there already is sent again as long as it has not begun: its message may never have
    been sent. What cannot be sent has a record, and the sweeper sends it. Raises
    ``UnknownJobTypeError``, ``StoreUnavailableError``, ``BlobsUnavailableError``.
    """
    if not jobs:
        return []
    for name in {job.record.job_type for job in jobs}:
        world.directory.find(name)  # before anything is stored
    store_files([job.file for job in jobs], world.blobs)
    told: list[Told] = []
    unsent: dict[str, list[TaskJob]] = {}
    puts = world.store.put_many([job.record for job in jobs])
    _tell_new(puts, world)
    for job, put in zip(jobs, puts, strict=True):
        stands = put.record
        if stands.member_of != job.record.member_of or stands.job_type != job.record.job_type:
            told += _taken(job.record, world)
        elif put.created or (stands.state.is_waiting and stands.attempt == 0):
            unsent.setdefault(job.record.job_type, []).append(job)
        elif stands.state.is_terminal and (end := told_of(stands)):
            told.append(end)
    for name, some in unsent.items():
        _send(name, some, world)
    return told


def _tell_new(puts: Sequence[Put], world: Orchestra) -> None:
    new = Counter(put.record.job_type for put in puts if put.created)
    for name, jobs in new.items():
        world.telemetry.transition({"event": ENQUEUED, "job_type": name, "jobs": jobs})


def _send(name: str, jobs: Sequence[TaskJob], world: Orchestra) -> None:
    waiting = [job for job in jobs if job.outgoing]
    messages = [job.outgoing for job in waiting if job.outgoing]
    answers = send_all(world.queue, world.directory.find(name), messages)
    for job, failure in zip(waiting, answers, strict=True):
        if failure is not None:
            code = failure.code
            world.telemetry.trouble("send_failed", None, job_id=job.record.job_id, code=code)


def _taken(record: Record, world: Orchestra) -> list[Told]:
    """Its id is another's."""
    world.telemetry.trouble("step_has_another_job", None, job_id=record.job_id)
    ours = told_of(record)
    return [never_ran(ours.membership, world.clock.now())] if ours else []


def open_part(
    part: Definition, around: Container, container_id: str, place: Membership, world: Orchestra
) -> list[Told]:
    """A container within one, and what its slot is to be told where its id is another's."""
    now = world.clock.now()
    child = new_container(
        part,
        container_id,
        now=now,
        member_of=str(place),
        depth=around.depth + 1,
        job_depth=around.job_depth,
        tenant=around.tenant,
        correlation_id=around.correlation_id or around.container_id,
        traceparent=around.traceparent,
    )
    made = world.containers.create(child, json.dumps(write_definition(part)))
    if made.container.member_of != child.member_of:
        world.telemetry.trouble("step_has_another_job", None, job_id=container_id)
        return [never_ran(place, now)]
    world.order(container_id)
    return []


def new_container(
    part: Definition,
    container_id: str,
    *,
    now: datetime,
    member_of: str | None = None,
    depth: int = 1,
    job_depth: int = 0,
    tenant: str | None = None,
    correlation_id: str | None = None,
    traceparent: str | None = None,
    description: str | None = None,
    tags: tuple[str, ...] = (),
) -> Container:
    """One of this definition as it begins."""
    is_batch = part.kind is Kind.BATCH
    told = write_batch(opened_batch(part)) if is_batch else write_control(Control())
    return Container(
        container_id=container_id,
        name=part.name,
        kind=part.kind,
        state="running",
        control=json.dumps(told),
        created_at=now,
        updated_at=now,
        held_until=_AS_LONG_AS_IT_TAKES if is_batch else None,
        member_of=member_of,
        depth=depth,
        job_depth=job_depth,
        tenant=tenant,
        correlation_id=correlation_id,
        traceparent=traceparent,
        description=description,
        tags=tags,
    )


def _undo(start: Start, run: Container, place: Membership, world: Orchestra) -> list[Told]:
    """Have a part that completed make good what it did, from within."""
    child = world.read(member_id(run.container_id, start.undoes or ""))
    if child is None:
        return [never_ran(place, world.clock.now())]
    reason = f"{run.container_id} makes good what it did"
    cancel(child, Cancel(reason=reason, slot=start.slot), world)
    return []
