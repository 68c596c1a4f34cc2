"""Members are called off, and containers told to end."""

import json
from collections.abc import Mapping
from datetime import timedelta

from workerless.errors import JobNotFoundError, StoreUnavailableError, WorkflowStateError
from workerless.frozen import replace
from workerless.orchestration.tell import changed, keep_all, tell_around
from workerless.orchestration.world import Orchestra
from workerless.record import Record
from workerless.states import State
from workerless.workflow.batch import batch_cancelled, read_batch, write_batch
from workerless.workflow.command import cancelled
from workerless.workflow.control import (
    Cancel,
    read_control,
    told_around,
    write_control,
)
from workerless.workflow.definition import Kind
from workerless.workflow_ends import told_of
from workerless.workflow_ports import Container

TRIES = 20
_RETENTION = timedelta(days=7)
_MAX_REASON = 500


def cancel(container: Container, cancel: Cancel, world: Orchestra) -> None:
    """Have a member that is a container end; one that cannot, or knows already, stays as it is."""
    try:
        if not cancel_run(container, cancel, world) and cancel.slot is not None:
            _say_again(container.container_id, cancel.slot, world)
    except WorkflowStateError:
        return


def cancel_run(container: Container, cancel: Cancel, world: Orchestra) -> bool:
    """Write that it shall end, and have it looked at; False where it knew.

    Raises ``WorkflowStateError`` for one that has ended, or makes good what it did, and
    ``StoreUnavailableError``.
    """
    found: Container | None = container
    for _ in range(TRIES):
        if found is None:
            return False
        told = _cancelled(found, cancel)
        if json.loads(found.control) == told:
            return False
        keep_all(found, world)
        now = world.clock.now()
        after = changed(found, json.dumps(told), None, now)
        if world.containers.save(replace(after, is_stopping=found.kind is Kind.BATCH)):
            world.tell("workflow.cancelled", found, reason=cancel.reason)
            world.order(found.container_id)
            return True
        found = world.read(found.container_id)
    raise StoreUnavailableError(
        f"{container.container_id} changed {TRIES} times while it was cancelled; try again"
    )


def _cancelled(container: Container, cancel: Cancel) -> Mapping[str, object]:
    told = json.loads(container.control)
    if container.kind is Kind.BATCH:
        return write_batch(batch_cancelled(read_batch(told), cancel))
    return write_control(cancelled(read_control(told), cancel))


def _say_again(container_id: str, slot: str, world: Orchestra) -> None:
    """Its word on how it was undone may have been lost."""
    part = world.read(container_id)
    if part is None or part.member_of is None:
        return
    where, mark = told_around(
        read_control(json.loads(part.control)), part.marks, slot, part.updated_at
    )
    if where == slot:
        tell_around(part, slot, mark, world)


def call_off_job(record: Record, reason: str, world: Orchestra, *, if_running: bool) -> bool:
    """Whether the job has ended, so that more may follow; one that runs is asked to, if at all."""
    if record.state.is_terminal:
        end = told_of(record)
        return world.mark([end]) if end else False
    if record.state is State.PROCESSING and not if_running:
        return False
    now = world.clock.now()
    try:
        after = world.store.cancel(
            record.job_id, at=now, reason=reason[:_MAX_REASON], expires_at=now + _RETENTION
        )
    except JobNotFoundError:
        return False
    return after.state.is_terminal
