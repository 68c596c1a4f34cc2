"""A batch or workflow in its caller's hands: how it stands, waiting for it, ending it, retrying."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workerless.errors import (
    ContainerNotFoundError,
    WaitTimeoutError,
    WorkflowStateError,
)
from workerless.orchestration.cancel import cancel_run
from workerless.orchestration.result import result_of
from workerless.orchestration.retry import retry_run
from workerless.orchestration.world import Orchestra
from workerless.patience import pauses
from workerless.run_status import RunStatus, run_status
from workerless.workflow.control import Cancel
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Container

_WITH_RESULT = ("completed", "completed_with_errors")
_MAX_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A handle. ``is_duplicate`` tells that starting it met one that was there already."""

    id: str
    world: Orchestra
    is_duplicate: bool = False

    def status(self) -> RunStatus:
        """How it stands now. Raises ``ContainerNotFoundError``, ``StoreUnavailableError``."""
        container, containers = self._container(), self.world.containers
        if container.kind is Kind.BATCH:
            pages = containers.read_pages(container.container_id, list(container.pages))
            return run_status(container, None, pages)
        return run_status(container, self.world.definition(container), ())

    def wait(self, timeout: timedelta = timedelta(minutes=5)) -> RunStatus:
        """The status once it has ended, however it did.

        Asks after 0.1 s and then ever less often, at most every 2 s. Raises ``WaitTimeoutError``,
        and as ``status`` does.
        """
        for pause in pauses(timeout, self.world.clock):
            if not self._container().is_open:
                return self.status()
            self.world.clock.sleep(pause)
        status = self.status()
        if not status.has_ended:
            raise WaitTimeoutError(
                f"{self.id!r} is {status.state} after {timeout}, {status.completed} of "
                f"{status.total} completed; it goes on, ask again later"
            )
        return status

    def result(self) -> Any:
        """What it gave, as JSON data: that of its last step, or a list of a group's.

        Raises ``WorkflowStateError`` for one that has not completed, ``ResultMissingError`` for
        what is past its time, and as ``status`` does.
        """
        container = self._container()
        if container.state not in _WITH_RESULT:
            raise WorkflowStateError(
                f"only what has completed has a result, {self.id!r} is {container.state}"
            )
        return result_of(container, self.world)

    def cancel(self, reason: str = "cancelled by its caller", *, compensate: bool = True) -> None:
        """Have it end: what waits is called off, what runs is asked to end.

        Then what it did is made good, unless ``compensate`` is False. Raises
        ``WorkflowStateError`` for one that has ended, or makes good what it did, and as ``status``.
        """
        told = Cancel(reason=reason[:_MAX_REASON], compensate=compensate)
        cancel_run(self._container(), told, self.world)

    def retry(self, *steps: str) -> None:
        """Have a workflow that ended other than completed go on.

        What failed, was called off or was made good begins anew, and so do ``steps``, with all
        that depends on them; but nested workflows that did not end well go on where they are, as
        they do by themselves if the handle is theirs: what is around them follows. Raises
        ``WorkflowStateError`` for one that has not ended, has nothing to retry, lacks a
        compensation that failed, or that what is around it has left behind,
        ``OperationRefusedError`` for steps that it has not, and as ``status``.
        """
        retry_run(self.id, steps, self.world)

    def retry_all(self) -> None:
        """The same with every step. Raises as ``retry`` does."""
        retry_run(self.id, None, self.world)

    def _container(self) -> Container:
        found = self.world.read(self.id)
        if found is None:
            raise ContainerNotFoundError(self.id)
        return found
