"""The batch that a job is a member of, in its handler's hands: it may add to it while it runs.

A handler that runs again adds nobody twice: without an id of its caller's a member's comes from the
job that adds it, its job type and its payload.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workerless.batch_members import BatchMembers
from workerless.batching import Batching
from workerless.enqueueing import Options
from workerless.errors import ContainerNotFoundError, EnqueueRefusedError, WorkerlessError
from workerless.execution.runtime import Runtime
from workerless.frozen import frozen, replace
from workerless.handle import Job
from workerless.membership import ROOT, read_membership
from workerless.payload import digest
from workerless.record import Record
from workerless.run_status import RunStatus, run_status

if TYPE_CHECKING:
    from workerless.job_type import JobType
    from workerless.payload import Payload, Result


@frozen
class OwnBatch(BatchMembers):
    """The batch ``id``, of which ``member`` is one; that names ``children``, its job types."""

    id: str
    member: Record
    children: tuple[str, ...]
    batching: Batching

    def status(self) -> RunStatus:
        """How the batch stands now: so many members, and how many have ended how.

        Reads all of its pages. Raises ``ContainerNotFoundError``, ``StoreUnavailableError``.
        """
        containers = self.batching.containers
        (found,) = containers.read_many([self.id])
        if found is None:
            raise ContainerNotFoundError(self.id)
        return run_status(found, None, containers.read_pages(self.id, list(found.pages)))

    def _add[R: "Result | None"](
        self, job_type: "JobType[Any, R]", wanted: "Sequence[tuple[Payload, Options]]"
    ) -> list[Job[R]]:
        if job_type.name not in self.children:
            raise EnqueueRefusedError(
                f"{self.member.job_type}: children must name {job_type.name!r} for its handler to "
                f"add such jobs, got {self.children}; declare it, and deploy",
                field="children",
            )
        named = [(payload, self._named(job_type, payload, asked)) for payload, asked in wanted]
        return self.batching.added(self.id, job_type, named)

    def _named(self, job_type: "JobType[Any, Any]", payload: "Payload", asked: Options) -> Options:
        key = asked.idempotency_key
        if asked.job_id is None and key is None:
            key = f"{self.member.job_id}\n{digest(job_type.data(payload))}"
        return replace(
            asked,
            idempotency_key=key,
            tenant=self.member.tenant,
            correlation_id=asked.correlation_id or self.member.correlation_id,
            parent_id=self.member.job_id,
        )


def own_batch(member: Record, runtime: Runtime) -> OwnBatch:
    """Raises ``WorkerlessError`` for a job that is no member of a batch."""
    place = read_membership(member.member_of) if member.member_of else None
    if place is None or place.page == ROOT:
        what = f"a step of {place.container_id!r}" if place else "enqueued by itself"
        raise WorkerlessError(
            f"job {member.job_id!r} is no member of a batch but {what}: only who was added to a "
            "batch, or to a group of more than 100, has one"
        )
    return OwnBatch(
        id=place.container_id,
        member=member,
        children=runtime.job_type.children,
        batching=runtime.ports.batching(),
    )
