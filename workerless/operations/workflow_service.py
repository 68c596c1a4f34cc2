"""What an operator can do with workflows and batches. Part of ``service``."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from workerless.run_status import RunStatus
from workerless.run_tree import Tree
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Containers


class Listed(StrEnum):
    """How those of a list stand; ``RUNNING`` includes those that compensate."""

    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Workflows(Protocol):
    """Those of a stage. What names one raises ``ContainerNotFoundError``."""

    def of(self, tenant: str | None) -> "Workflows":
        """Those of one tenant, as if there were no others; of all with None."""
        ...

    def list(
        self,
        *,
        kind: Kind = Kind.WORKFLOW,
        state: Listed = Listed.RUNNING,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Containers:
        """Those of one kind and state, the last changed first, parts of others included.

        A page may hold fewer than ``limit``, and have a next. Raises ``CursorRefusedError``.
        """
        ...

    def show(self, container_id: str) -> RunStatus: ...

    def tree(self, container_id: str) -> Tree:
        """With all parts within, as far as 500 of them go. Raises ``ResultMissingError``."""
        ...

    def cancel(self, container_id: str, *, why: str, compensate: bool = True) -> RunStatus:
        """Have it end, and make good what it did; how it stands then.

        Raises ``WorkflowStateError`` for one that has ended, or makes good what it did.
        """
        ...

    def retry(
        self, container_id: str, *, steps: Sequence[str] | None = (), why: str | None = None
    ) -> RunStatus:
        """Have one that ended other than completed go on; all of it begins anew with None.

        What failed, was called off or was made good begins anew, and so do ``steps``, with all
        that depends on them; parts that did not end well go on where they are. Raises
        ``WorkflowStateError``, ``OperationRefusedError`` for steps that it has not.
        """
        ...
