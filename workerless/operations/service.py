"""All that an operator can do with a stage, as command line, HTTP API and console see it.

Every verb that changes something is in the audit before it acts. A search, a fingerprint and a
cursor mean what ``workerless.search`` says. Whatever reads or writes raises
``StoreUnavailableError``, and ``BlobsUnavailableError`` where files are read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from workerless.handle import JobStatus
from workerless.hidden import Hidden
from workerless.ledger import Canary, Entry, Kind, Operation, Sheet
from workerless.operations.dead_job import DeadDetail, DeadPage
from workerless.operations.flow_service import Breakers, Flow, Limits
from workerless.operations.group import Group
from workerless.operations.health import HealthReport, Readiness
from workerless.operations.queue_service import Queues
from workerless.operations.release_service import Releases
from workerless.operations.schedule_service import Schedules
from workerless.operations.workflow_service import Workflows
from workerless.record import Record
from workerless.search import Count, Hits, Search
from workerless.states import State


class DeadLetters(Protocol):
    """Dead jobs, one at a time.

    ``job_type`` and ``tenant``, where given, are the job's; a job of another one raises
    ``JobNotFoundError`` as if there were none, and none of its files was read.
    """

    def list(
        self,
        search: Search,
        *,
        limit: int = 100,
        cursor: str | None = None,
        with_data: bool = False,
    ) -> DeadPage:
        """The dead jobs that ``search`` finds, the latest first. ``limit`` 1 to 200."""
        ...

    def show(
        self,
        job_id: str,
        *,
        job_type: str | None = None,
        tenant: str | None = None,
        reveal: bool = False,
    ) -> DeadDetail:
        """Sensitive values are shown to who has them revealed, which the audit tells.

        Raises ``JobNotFoundError``, and ``JobStateError`` for a job that is not dead.
        """
        ...

    def retry(
        self,
        job_id: str,
        *,
        why: str | None = None,
        data: Mapping[str, Any] | None = None,
        delay: timedelta = timedelta(0),
        force: bool = False,
        job_type: str | None = None,
        tenant: str | None = None,
    ) -> Record:
        """Have it run again, with all its attempts, once ``delay`` has passed.

        ``data`` replaces its payload, and is checked against its job type's model. ``force``: also
        a step whose workflow has made good what it did, or goes on without it, which else is a
        ``JobStateError``. Raises as ``show`` does, ``EnqueueRefusedError`` for ``data`` that does
        not fit, naming the field, and ``UnknownJobTypeError`` where its queue is gone.
        """
        ...

    def discard(
        self, job_id: str, *, why: str, job_type: str | None = None, tenant: str | None = None
    ) -> Record:
        """Have it be done with. Raises as ``show`` does."""
        ...

    def archive(
        self, job_id: str, *, why: str, job_type: str | None = None, tenant: str | None = None
    ) -> Record:
        """Keep it as a file for 400 days, and have it be done with. Raises as ``show`` does."""
        ...


class Bulk(Protocol):
    """Many jobs at once: operations, which a system function drives on until they are done."""

    def count(self, kind: Kind, search: Search) -> Count:
        """How many jobs an operation would take: a dry run."""
        ...

    def start(
        self,
        kind: Kind,
        search: Search,
        *,
        why: str | None = None,
        rate: float | None = None,
        canary: Canary | None = None,
    ) -> Operation:
        """Begin an operation on every job that ``search`` finds now; ``rate`` is jobs a second.

        Raises ``OperationRefusedError`` naming what is wrong with it.
        """
        ...

    def get(self, operation_id: str) -> Operation:
        """Raises ``OperationNotFoundError``."""
        ...

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Operation]:
        """All operations, the newest first."""
        ...

    def abort(self, operation_id: str, *, why: str) -> Operation:
        """Have it take no more jobs; the step that is being done is finished at most.

        Raises ``OperationNotFoundError``, and ``JobStateError`` for one that has ended.
        """
        ...

    def resume(self, operation_id: str) -> Operation:
        """Have a stopped or aborted one go on; a running one is driven on.

        Raises ``OperationNotFoundError``, and ``JobStateError`` for one that is done.
        """
        ...

    def advance(self, operation_id: str, has_time: Callable[[], bool]) -> Operation:
        """Drive it on in this process, until it has ended, has to wait, or ``has_time`` says no.

        Safe to be done by several at once, and to be ended anywhere. Raises
        ``OperationNotFoundError``.
        """
        ...

    def kick(self) -> None:
        """Have the system function look now, not at the next full minute. Never raises."""
        ...


class Groups(Protocol):
    """Dead jobs by what they failed of."""

    def list(self, job_type: str) -> list[Group]:
        """The groups there are, the largest first. Raises ``UnknownJobTypeError``."""
        ...

    def resolve(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Say that its cause is gone: it shows as reopened once another job fails of it."""
        ...

    def ignore(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Say that nobody shall look at it."""
        ...

    def reopen(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Take the last word back."""
        ...


class Jobs(Protocol):
    """Jobs in any state. ``tenant`` is as in ``DeadLetters``."""

    def find(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        """The jobs that are meant, by their last change, the newest first."""
        ...

    def get(
        self, job_id: str, *, tenant: str | None = None, patience: timedelta = timedelta(0)
    ) -> JobStatus[Any]:
        """Once it has ended, or ``patience`` has, veiled. Raises ``JobNotFoundError``."""
        ...

    def veiled(self, status: JobStatus[Any]) -> JobStatus[Any]:
        """``status`` as people are shown it, without a sensitive value."""
        ...

    def revealed(self, status: JobStatus[Any]) -> JobStatus[Any]:
        """``status`` itself, once the audit says who sees it."""
        ...

    def hidden(self, job_type: str) -> Hidden:
        """What of its payloads and results people are not shown."""
        ...

    def states(self, job_ids: Sequence[str]) -> Mapping[str, State]:
        """Those of the jobs that have a record."""
        ...

    def cancel(self, job_id: str, *, reason: str, tenant: str | None = None) -> Record:
        """Call off a job that waits or is held, and ask one that runs to end; its record.

        Raises ``JobNotFoundError``, and ``JobStateError`` for a job that has ended otherwise.
        """
        ...

    def send_event(
        self, job_id: str, name: str, data: Mapping[str, Any], *, tenant: str | None = None
    ) -> Record:
        """Give a job the event that it waits for, or will; its record as it was then.

        The same again is no other. Raises ``EnqueueRefusedError`` for a name or data that cannot
        be, ``JobNotFoundError``, and ``JobStateError`` where another came first, nobody waits for
        it any more, or the job has ended.
        """
        ...

    def send_event_by(self, token: str, data: Mapping[str, Any]) -> Record:
        """The same for who has a token of ``JobContext.token`` and nothing else.

        ``JobNotFoundError`` also of a token that is unknown or past its time.
        """
        ...


class Audit(Protocol):
    """Who did what, when and why. What died on the way stays without an outcome."""

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Entry]:
        """The newest first."""
        ...


class Health(Protocol):
    """Whether the stage works now."""

    def ready(self) -> Readiness:
        """Whether jobs can be enqueued and will be run. Never raises; reads no index."""
        ...

    def report(self) -> HealthReport:
        """The same, with figures. Raises ``QueueUnavailableError`` where these cannot be had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """One stage, in the hands of one operator. ``acting_as`` gives it into another's."""

    dead: DeadLetters
    bulk: Bulk
    groups: Groups
    jobs: Jobs
    queues: Queues
    flow: Flow
    limits: Limits
    breakers: Breakers
    schedules: Schedules
    workflows: Workflows
    audit: Audit
    health: Health
    releases: Releases
    acting_as: "Callable[[str], Operations]"
