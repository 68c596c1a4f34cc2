"""A workflow with all that lies in it, as it stands. Pure.

Its own definition tells of all parts, also of those that have not begun.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from workerless.frozen import frozen
from workerless.run_status import RunStatus, StepStatus
from workerless.workflow.definition import Definition, Kind, Node
from workerless.workflow.standing import Standing

_NOT_BEGUN = {Standing.WAITING, Standing.SKIPPED}


@frozen
class Course:
    """How far a job that runs says it is, 0 to 100, and what it is ``doing``.

    ``cursor`` is where a long one goes on, as JSON has it, and ``continuations`` how often it did.
    """

    percent: float | None = None
    doing: str | None = None
    cursor: Any = None
    continuations: int = 0


@frozen
class Branch:
    """One step: what it waits for, and its job's type or its part.

    ``id`` is that of its job or part, None while it has none; ``at`` is when it came to its
    standing, ``course`` how far a job that runs is.
    """

    name: str
    standing: Standing
    id: str | None = None
    epoch: int = 1
    at: datetime | None = None
    compensation: Standing | None = None
    after: tuple[str, ...] = ()
    job_type: str | None = None
    part: "Tree | None" = None
    course: Course | None = None


@frozen
class Tree:
    """A batch or workflow. ``id`` is None and ``state`` ``waiting`` where it has not begun.

    A batch has no branches: its members are told by number. ``is_whole`` is False for a part that
    was not looked into.
    """

    id: str | None
    name: str
    kind: Kind
    state: str
    total: int
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    branches: tuple[Branch, ...] = ()
    is_whole: bool = True

    @property
    def left_out(self) -> int:
        """How many parts were not looked into."""
        below = [one.part.left_out for one in self.branches if one.part]
        return sum(below, start=0 if self.is_whole else 1)


def parts_begun(status: RunStatus, definition: Definition) -> Iterator[tuple[str, Definition]]:
    """The parts of a workflow that were started: their ids and what they are."""
    nodes = definition.by_name
    for step in status.steps:
        part = nodes[step.name].part
        if isinstance(part, Definition) and step.standing not in _NOT_BEGUN:
            yield step.member_id, part


def tree_of(
    status: RunStatus, definition: Definition | None, parts: Mapping[str, RunStatus]
) -> Tree:
    """``parts`` by their ids; what has begun and is not among them is told without its steps."""
    steps = {step.name: step for step in status.steps}
    nodes = definition.nodes if definition and status.kind is Kind.WORKFLOW else ()
    return Tree(
        id=status.id,
        name=status.name,
        kind=status.kind,
        state=status.state,
        total=status.total,
        completed=status.completed,
        failed=status.failed,
        cancelled=status.cancelled,
        branches=tuple(_branch(node, steps[node.name], parts) for node in nodes),
    )


def _branch(node: Node, step: StepStatus, parts: Mapping[str, RunStatus]) -> Branch:
    has_begun = step.standing not in _NOT_BEGUN
    return Branch(
        name=node.name,
        standing=step.standing,
        id=step.member_id if has_begun else None,
        epoch=step.epoch,
        at=step.at,
        compensation=step.compensation,
        after=node.after,
        job_type=_job_type(node),
        part=_part(node.part, step, parts) if isinstance(node.part, Definition) else None,
    )


def _part(part: Definition, step: StepStatus, parts: Mapping[str, RunStatus]) -> Tree:
    if found := parts.get(step.member_id):
        return tree_of(found, part, parts)
    if step.standing in _NOT_BEGUN:
        return _planned(part)
    return Tree(
        id=step.member_id,
        name=part.name,
        kind=part.kind,
        state=step.standing.value,
        total=len(part.nodes),
        is_whole=False,
    )


def _planned(part: Definition) -> Tree:
    nodes = part.nodes if part.kind is Kind.WORKFLOW else ()
    return Tree(
        id=None,
        name=part.name,
        kind=part.kind,
        state=Standing.WAITING.value,
        total=len(part.nodes),
        branches=tuple(
            Branch(
                name=node.name,
                standing=Standing.WAITING,
                after=node.after,
                job_type=_job_type(node),
                part=_planned(node.part) if isinstance(node.part, Definition) else None,
            )
            for node in nodes
        ),
    )


def _job_type(node: Node) -> str | None:
    return None if isinstance(node.part, Definition) else node.part.job_type
