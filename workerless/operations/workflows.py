"""Workflows and batches in people's hands: see how they stand, cancel them, have them go on."""

import json
from collections.abc import Sequence

from workerless.audit import AuditTrail
from workerless.cursor import opened, seal
from workerless.errors import ContainerNotFoundError
from workerless.operations.desk import Desk
from workerless.operations.workflow_service import Listed
from workerless.operations.workflow_tree import read_tree
from workerless.orchestration.world import Orchestra
from workerless.run_handle import Run
from workerless.run_status import RunStatus
from workerless.run_tree import Tree
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Container, Containers

# Pages of the index that one page of a tenant's may take: most are of others.
_MOST_PAGES = 10


class StageWorkflows:
    """Those of one stage, or of one tenant only, in the hands of one operator."""

    def __init__(self, desk: Desk, *, tenant: str | None = None) -> None:
        self._desk = desk
        self._tenant = tenant

    def of(self, tenant: str | None) -> "StageWorkflows":
        """Those of one tenant, as if there were no others; of all with None."""
        return StageWorkflows(self._desk, tenant=tenant)

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
        # Where a page ends may be somebody else's: nobody shall read it in a cursor.
        of = json.dumps(["workflows", kind.value, state.value, self._tenant])
        secret, containers = self._desk.store.secret(), self._desk.orchestra().containers
        at = None if cursor is None else opened(cursor, of=of, secret=secret)
        found: list[Container] = []
        for _ in range(_MOST_PAGES):
            page = containers.list(kind, state.value, limit=limit - len(found), cursor=at)
            found += [one for one in page.found if self._sees(one)]
            at = page.cursor
            if at is None or len(found) >= limit:
                break
        sealed = None if at is None else seal(at, of=of, secret=secret)
        return Containers(found=tuple(found), cursor=sealed)

    def show(self, container_id: str) -> RunStatus:
        """Raises ``ContainerNotFoundError``."""
        return self._run(container_id).status()

    def tree(self, container_id: str) -> Tree:
        """With the parts within, level by level, as far as 500 of them go. Raises as ``show``."""
        world = self._desk.orchestra()
        return read_tree(self._seen(container_id, world), world)

    def cancel(self, container_id: str, *, why: str, compensate: bool = True) -> RunStatus:
        """Have it end, and make good what it did; how it stands then.

        Raises ``WorkflowStateError`` for one that has ended, or makes good what it did, and as
        ``show`` does.
        """
        run = self._run(container_id)
        with AuditTrail(self._desk).noted("cancel workflow", container_id, why=why):
            run.cancel(why, compensate=compensate)
        return run.status()

    def retry(
        self, container_id: str, *, steps: Sequence[str] | None = (), why: str | None = None
    ) -> RunStatus:
        """Have one that ended other than completed go on, from ``steps`` too; None are all steps.

        Raises ``WorkflowStateError``, ``OperationRefusedError`` for steps that it has not, and as
        ``show`` does.
        """
        run = self._run(container_id)
        with AuditTrail(self._desk).noted("retry workflow", container_id, why=why):
            if steps is None:
                run.retry_all()
            else:
                run.retry(*steps)
        return run.status()

    def _run(self, container_id: str) -> Run:
        world = self._desk.orchestra()
        self._seen(container_id, world)
        return Run(id=container_id, world=world)

    def _seen(self, container_id: str, world: Orchestra) -> Container:
        found = world.read(container_id)
        if found is None or not self._sees(found):
            raise ContainerNotFoundError(container_id)
        return found

    def _sees(self, container: Container) -> bool:
        return self._tenant is None or container.tenant == self._tenant
