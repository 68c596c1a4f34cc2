"""A workflow as it is stored: names, job types and payloads, nothing of any declaration. Pure.

It holds all that its jobs need to be made, so that whoever moves workflows on knows no job types,
and a run that began keeps the definition that it began with.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from workerless import limits
from workerless.frozen import frozen

MAX_STEPS = 100
MAX_MEMBERS = 100_000
MAX_DEPTH = 10
MAX_DEFINITION_BYTES = 1_048_576

type Path = tuple[str | int, ...]
"""The way into JSON data: keys of objects and positions in arrays."""


class Kind(StrEnum):
    """A workflow's steps wait for each other; the members of a batch do not."""

    WORKFLOW = "workflow"
    BATCH = "batch"


class Gives(StrEnum):
    """What a container's result is: that of its last steps, or the results of all in a list."""

    LAST = "last"
    EACH = "each"


class OnFailure(StrEnum):
    """What follows when a step has failed for good.

    ``FAIL``: nothing more starts, what has run is compensated, and the workflow fails.
    ``CONTINUE``: what depends on the step is skipped, all else goes on. ``IGNORE``: all goes on, as
    if the step had completed and given None. Both end as completed with errors.
    """

    FAIL = "fail"
    CONTINUE = "continue"
    IGNORE = "ignore"


@frozen
class Input:
    """One place in a payload, filled when its job is made.

    ``to`` is where in the data. What goes there is found at ``path`` in the result of ``step``, a
    step of the container that is ``up`` containers around the one that the job is in; in the
    summary of the batch where ``step`` is None.
    """

    to: Path
    step: str | None
    up: int = 0
    path: Path = ()


@frozen
class Task:
    """One job to be made. ``search_keys`` are names of payload fields; ``attempts`` at most."""

    job_type: str
    version: int
    attempts: int
    data: Mapping[str, Any]
    inputs: tuple[Input, ...] = ()
    search_keys: tuple[str, ...] = ()
    lane: str | None = None
    delay: timedelta = timedelta(0)
    expires_in: timedelta | None = None
    tags: tuple[str, ...] = ()
    max_depth: int = limits.MAX_DEPTH


@frozen
class Node:
    """One step: a job, or a container of more.

    It starts once all of ``after`` have ended well; these are steps of the same container.
    ``compensate`` makes good what it did.
    """

    name: str
    part: "Task | Definition"
    after: tuple[str, ...] = ()
    on_failure: OnFailure = OnFailure.FAIL
    compensate: Task | None = None


@frozen
class Definition:
    """A container: its steps, each after all that it depends on. Those of a batch have no order."""

    name: str
    kind: Kind
    nodes: tuple[Node, ...]
    gives: Gives = Gives.LAST

    @property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}


def depth_of(part: Task | Definition) -> int:
    """How many containers lie in each other; 0 for a job."""
    if isinstance(part, Task):
        return 0
    return 1 + max((depth_of(node.part) for node in part.nodes), default=0)


def compensates(part: Task | Definition) -> bool:
    """Whether anything in it makes good what it did."""
    if isinstance(part, Task):
        return False
    return any(node.compensate is not None or compensates(node.part) for node in part.nodes)
