"""What is deployed, as AWS tells it: facts only. What is wrong with them the doctor says.

None stands for what is not there, or not set.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from workerless.frozen import frozen
from workerless.limits import INVOCATIONS_OF_A_POLLER
from workerless.ports import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """One queue. ``allows`` names the queues that may use it for their dead letters (None: any).

    ``dead_letters`` is the ARN that its redrive policy names.
    """

    name: str
    arn: str
    visibility: timedelta
    retention: timedelta
    dead_letters: str | None
    max_receive_count: int | None
    allows: tuple[str, ...] | None
    is_encrypted: bool
    is_tls_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFacts:
    """One event source mapping; ``queue`` and ``function`` are ARN and name.

    ``qualifier`` is the alias or version that it calls; none is whatever was uploaded last.
    ``changed_at`` is when it changed last, whatever of it.
    ``pollers`` are the most it may have in provisioned mode, which knows no ``max_concurrency``.
    """

    uuid: str
    queue: str
    function: str
    qualifier: str
    state: str
    batch_size: int
    window: timedelta
    max_concurrency: int | None
    takes_partial_responses: bool
    counts_events: bool
    pollers: int | None = None
    changed_at: datetime | None = None

    @property
    def most_at_once(self) -> int | None:
        """How many invocations it may have at once, where anything bounds them."""
        if self.pollers is not None:
            return self.pollers * INVOCATIONS_OF_A_POLLER
        return self.max_concurrency


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """One function. ``environment`` holds only our own variables; ``log_days`` None is for ever.

    ``version`` is that which runs, and has all this; empty where no alias ``live`` says which.
    """

    name: str
    version: str
    state: str
    last_update: str
    timeout: timedelta
    reserved: int | None
    may_loop: bool
    log_days: int | None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFacts:
    """One alarm on a queue's metric. ``tells`` are its actions, unless switched off.

    Those of alarms that ask for it are among them.
    """

    name: str
    state: str
    metric: str
    queue: str | None
    threshold: float
    missing_data: str
    tells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedJobType:
    """All that belongs to one job type. ``mappings`` are those of all its queues.

    ``queue`` is the default lane's; ``lanes`` are the queues of ``address.lanes`` by lane.
    """

    address: Address
    queue: QueueFacts | None
    dead_letters: QueueFacts | None
    mappings: tuple[MappingFacts, ...]
    function: FunctionFacts | None
    alarms: tuple[AlarmFacts, ...]
    lanes: Mapping[str, QueueFacts | None] = field(default_factory=dict)

    def queues(self) -> dict[str, QueueFacts | None]:
        """The queues by address, in the order of their lanes."""
        found = self.lanes.values() if self.lanes else [self.queue]
        return dict(zip(self.address.queues, found, strict=True))

    def each_queue(self) -> "Iterator[DeployedJobType]":
        """The same as often as there are queues, each time with another one as ``queue``."""
        return (replace(self, queue=queue) for queue in self.queues().values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """The table of a stage. ``indexes`` are those that can be asked."""

    name: str
    state: str
    indexes: frozenset[str]
    expires_by: str | None
    is_recoverable: bool
    is_protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledFunction:
    """A function that EventBridge Scheduler calls; ``schedule`` is its expression if enabled."""

    name: str
    function: FunctionFacts | None
    schedule: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedCore:
    """What all job types of a stage share. ``listeners`` are subscribed to its alarm topic."""

    table: TableFacts | None
    sweeper: ScheduledFunction
    operator: ScheduledFunction
    listeners: int


@frozen
class EntryFacts:
    """One entry of EventBridge Scheduler. ``input`` is what it sends."""

    expression: str
    timezone: str
    is_enabled: bool
    input: str


@frozen
class DeployedSchedules:
    """The entries of declared schedules by name; ``knows_zones`` is False of some emulators."""

    entries: Mapping[str, EntryFacts]
    knows_zones: bool


class Platform(Protocol):
    """One stage as it is deployed. Raises ``PlatformUnavailableError`` where AWS does not tell."""

    def job_type(self, address: Address) -> DeployedJobType: ...

    def core(self) -> DeployedCore: ...

    def schedules(self) -> DeployedSchedules: ...

    def mappings(self, address: Address) -> tuple[MappingFacts, ...]:
        """The mappings that bring messages of the job type's queues to its function."""
        ...

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        """Have a mapping bring messages, or none: what it has in hand is finished in any case.

        It takes Lambda up to a minute or so; until then another switch is refused.
        """
        ...

    def bound(self, mapping: MappingFacts, most: int) -> None:
        """Let a mapping have so many invocations at once (2 to 1,000), refused as ``switch`` is."""
        ...

    def oldest(self, queue: str) -> timedelta | None:
        """The age of the oldest message of the queue of that ARN; None where nobody knows."""
        ...

    def queues_beside(self, known: Collection[str]) -> Mapping[str, int]:
        """Queues called as those of job types of the stage are, but for the ``known`` addresses.

        By their addresses, and about how many messages each has.
        """
        ...

    def alarms(self) -> tuple[AlarmFacts, ...]:
        """The alarms of the stage on queues."""
        ...
