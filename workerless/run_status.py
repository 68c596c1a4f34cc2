"""What a batch or workflow, as it is stored, tells of itself. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workerless.workflow.batch import read_batch, tally
from workerless.workflow.control import (
    UNDO,
    Control,
    Phase,
    failed_compensations,
    read_control,
)
from workerless.workflow.definition import Definition, Kind, Node
from workerless.workflow.mark import Mark, member_id
from workerless.workflow.standing import Standing, standings
from workerless.workflow_ports import Container, Page

_COMPLETED = {Standing.COMPLETED, Standing.COMPLETED_WITH_ERRORS, Standing.DISCARDED}
_CANCELLED = {Standing.CANCELLED, Standing.CALLED_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """One step of a workflow. ``member_id`` is that of its job, or of its part if ``is_part``.

    ``at`` is when it came to where it stands; ``compensation`` is how far making it good is, None
    where that is not to be.
    """

    name: str
    standing: Standing
    epoch: int
    member_id: str
    is_part: bool
    at: datetime | None
    compensation: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """What is known of a batch or workflow at one moment.

    ``state`` is ``running``, ``compensating``, or how it ended (``Ending``). ``steps`` are those of
    a workflow; the numbers are of its steps, or of the members of a batch, and those that were
    skipped are in ``total`` only. ``not_compensated`` are steps whose compensation failed.
    ``reason`` is why it was cancelled, ``member_of`` its place in another container.
    """

    id: str
    name: str
    kind: Kind
    state: str
    total: int
    completed: int
    failed: int
    cancelled: int
    steps: tuple[StepStatus, ...]
    not_compensated: tuple[str, ...]
    reason: str | None
    description: str | None
    tenant: str | None
    correlation_id: str | None
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    member_of: str | None
    depth: int

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None


def run_status(
    container: Container, definition: Definition | None, pages: Iterable[Page | None]
) -> RunStatus:
    """Of a workflow by its ``definition``, of a batch by its ``pages``."""
    if container.kind is Kind.BATCH:
        return _of_batch(container, pages)
    control = read_control(json.loads(container.control))
    steps = _steps(container, definition, control) if definition else ()
    found = [one.standing for one in steps]
    return _status(
        container,
        state=control.phase.value if control.state is None else control.state.value,
        reason=control.cancel.reason if control.cancel else None,
        steps=steps,
        not_compensated=tuple(
            slot.partition(":")[2].partition("-")[0]
            for slot in failed_compensations(control, container.marks)
        ),
        total=len(steps),
        completed=sum(one in _COMPLETED for one in found),
        failed=found.count(Standing.FAILED),
        cancelled=sum(one in _CANCELLED for one in found),
    )


def _of_batch(batch: Container, pages: Iterable[Page | None]) -> RunStatus:
    control = read_batch(json.loads(batch.control))
    marks = [mark for page in pages if page is not None for mark in page.marks.values()]
    numbers = tally(batch.total, marks)
    return _status(
        batch,
        state=control.state.value if control.state else Phase.RUNNING.value,
        reason=control.cancel.reason if control.cancel else None,
        total=numbers.total,
        completed=numbers.completed,
        failed=numbers.failed,
        cancelled=numbers.cancelled,
    )


def _status(
    container: Container,
    *,
    state: str,
    reason: str | None,
    total: int,
    completed: int,
    failed: int,
    cancelled: int,
    steps: tuple[StepStatus, ...] = (),
    not_compensated: tuple[str, ...] = (),
) -> RunStatus:
    return RunStatus(
        id=container.container_id,
        name=container.name,
        kind=container.kind,
        state=state,
        total=total,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        steps=steps,
        not_compensated=not_compensated,
        reason=reason,
        description=container.description,
        tenant=container.tenant,
        correlation_id=container.correlation_id,
        tags=container.tags,
        created_at=container.created_at,
        updated_at=container.updated_at,
        ended_at=container.ended_at,
        member_of=container.member_of,
        depth=container.depth,
    )


def _steps(run: Container, definition: Definition, control: Control) -> tuple[StepStatus, ...]:
    stand = standings(definition, control, run.marks)
    return tuple(_step(node, stand[node.name], run, control) for node in definition.nodes)


def _step(node: Node, standing: Standing, run: Container, control: Control) -> StepStatus:
    slot = control.slot(node.name)
    mark = run.marks.get(slot)
    return StepStatus(
        name=node.name,
        standing=standing,
        epoch=control.epoch(node.name),
        member_id=member_id(run.container_id, slot),
        is_part=isinstance(node.part, Definition),
        at=mark.at if mark else None,
        compensation=_compensation(node.name, control, run.marks),
    )


def _compensation(step: str, control: Control, marks: Mapping[str, Mark]) -> Standing | None:
    """The last that is planned of this step; a part's own comes before what is within it."""
    planned = [slot for slot in control.undo if slot.partition(":")[2].partition("-")[0] == step]
    if not planned:
        return None
    slot = next((one for one in planned if one.endswith(UNDO)), planned[0])
    mark = marks.get(slot)
    return Standing(mark.state.value) if mark else Standing.WAITING
