"""The queue of a job type: how full it is and how it does, emptying it, waiting for its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Protocol

from workerless.deployed import Platform
from workerless.due import is_parked
from workerless.errors import WaitTimeoutError
from workerless.flow.settings import Pause
from workerless.flow_ports import SettingsStore
from workerless.ledger import Kind, Operation
from workerless.operations.metrics import QueueMetrics, metrics
from workerless.operator_ports import Depth, OperatorQueue, SearchStore
from workerless.ports import Address, Clock, Directory
from workerless.search import Count, Listed, Search
from workerless.states import State
from workerless.tracking import Tracking

# Beyond that a number is "at least": counting reads the index, by the megabyte.
COUNTED = 10_000
_PAGES = 5
_PAUSE = timedelta(seconds=2)
# SQS' numbers come from many machines: one look may miss what another knows.
_LOOKS = 2
_PARKED = frozenset({State.SCHEDULED, State.RETRYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStats:
    """How many jobs of one type are where, in all and by lane, and the pauses in force.

    ``waiting`` and ``active`` (retries about to come back included) are SQS' own, up to a minute
    behind. ``delayed`` adds the parked jobs, which have no message. The others are kept records, a
    moment behind; of a job type that is not fully tracked ``completed`` is of no record at all.
    """

    waiting: Count
    active: Count
    delayed: Count
    completed: Count
    failed: Count
    held: Count
    cancelled: Count
    discarded: Count
    pauses: tuple[Pause, ...]
    lanes: Mapping[str, Depth] = field(default_factory=dict)

    def counts(self) -> dict[str, Count]:
        """How many, by the names of where."""
        counts = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: count for name, count in counts.items() if isinstance(count, Count)}

    def shape(self) -> dict[str, Any]:
        """As JSON tells it: the numbers by their names; by lane only what SQS counts."""
        told: dict[str, Any] = {name: count.number for name, count in self.counts().items()}
        lanes = {lane: depth.shape() for lane, depth in self.lanes.items()}
        return {**told, "lanes": lanes} if lanes else told


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnce:
    """How many invocations may run at once now, and what an ``autoscale`` may make of that."""

    now: int
    least: int
    most: int

    def shape(self) -> dict[str, int]:
        """As JSON tells it."""
        return {"now": self.now, "least": self.least, "most": self.most}


class Starter(Protocol):
    """Starts bulk operations."""

    def start(self, kind: Kind, search: Search, *, why: str | None = None) -> Operation:
        """As ``service.Bulk.start``."""
        ...


class StageQueues:
    """Those of one stage."""

    def __init__(
        self,
        *,
        store: SearchStore,
        queue: OperatorQueue,
        settings: SettingsStore,
        directory: Directory,
        clock: Clock,
        platform: Platform,
        bulk: Starter,
    ) -> None:
        self._store = store
        self._queue = queue
        self._settings = settings
        self._directory = directory
        self._clock = clock
        self._platform = platform
        self._bulk = bulk

    def stats(self, job_type: str) -> QueueStats:
        """Raises ``UnknownJobTypeError``, ``QueueUnavailableError``."""
        address = self._directory.find(job_type)
        depths = self._depths(address)
        depth = sum(depths.values(), start=Depth())
        parked = self._parked(job_type)
        delayed = Count(number=depth.delayed + parked.number, at_least=parked.at_least)
        return QueueStats(
            waiting=Count(number=depth.waiting),
            active=Count(number=depth.in_flight),
            delayed=delayed,
            completed=self._count(job_type, State.COMPLETED),
            failed=self._count(job_type, State.FAILED),
            held=self._count(job_type, State.HELD),
            cancelled=self._count(job_type, State.CANCELLED),
            discarded=self._count(job_type, State.DISCARDED),
            pauses=self._pauses(job_type),
            lanes={lane: depths[queue] for lane, queue in address.lanes.items()},
        )

    def at_once(self, job_type: str) -> AtOnce | None:
        """None of a job type without ``autoscale``.

        Raises ``UnknownJobTypeError``, ``PlatformUnavailableError``.
        """
        address = self._directory.find(job_type)
        scale = address.scale
        if scale is None:
            return None
        bounds = [one.max_concurrency or 0 for one in self._platform.mappings(address)]
        return AtOnce(now=sum(bounds), least=scale.least, most=scale.most)

    def metrics(self, job_type: str) -> QueueMetrics:
        """Raises ``UnknownJobTypeError``."""
        return metrics(self._store, self._directory.find(job_type), self._clock.now())

    def purge(self, job_type: str, *, why: str) -> Operation:
        """Call off every job that waits; running ones go on.

        Jobs are cancelled by the operation that is returned. Where some may have no record yet
        (not fully tracked) the queue itself is emptied too. Raises as ``stats`` and ``bulk.start``.
        """
        address = self._directory.find(job_type)
        operation = self._bulk.start(Kind.CANCEL, Search(job_type=job_type), why=why)
        if address.tracking is not Tracking.FULL:
            for queue in address.queues:
                self._queue.purge(queue)
        return operation

    def drain(
        self,
        job_type: str,
        *,
        timeout: timedelta,
        on_progress: Callable[[Depth], None] = lambda _: None,
    ) -> Depth:
        """Wait until nothing waits or is active; delayed jobs are left. Asks every 2 s.

        Of a job type that is paused as a whole nothing that waits starts once its mappings are off,
        so it is waited only for that, and until nothing is active. ``on_progress`` is told what
        each look finds. Raises ``WaitTimeoutError``, ``PlatformUnavailableError``, and as
        ``stats``.
        """
        give_up_at = self._clock.now() + timeout
        empty = 0
        while True:
            address = self._directory.find(job_type)
            is_paused = self._is_paused(job_type)
            # Before it is counted: what a mapping received until then is in flight.
            is_off = is_paused and self._is_off(address)
            depth = sum(self._depths(address).values(), start=Depth())
            on_progress(depth)
            waiting = 0 if is_off else depth.waiting
            is_over = waiting == depth.in_flight == 0 and is_off is is_paused
            empty = empty + 1 if is_over else 0
            if empty == _LOOKS:
                return depth
            left = give_up_at - self._clock.now()
            if left <= timedelta(0):
                turns = ", its mapping is not off yet" if is_paused and not is_off else ""
                raise WaitTimeoutError(
                    f"{job_type} still has {depth.waiting} waiting and {depth.in_flight} active "
                    f"after {timeout}{turns}; its workers go on, ask again later"
                )
            self._clock.sleep(min(_PAUSE, left))

    def _pauses(self, job_type: str) -> tuple[Pause, ...]:
        (settings,) = self._settings.read_many([job_type])
        now = self._clock.now()
        return tuple(pause for pause in settings.pauses if pause.holds(now))

    def _is_paused(self, job_type: str) -> bool:
        return any(pause.is_whole for pause in self._pauses(job_type))

    def _is_off(self, address: Address) -> bool:
        """Whether Lambda has let go of its queues: up to a minute after it was told to."""
        return all(one.state == "Disabled" for one in self._platform.mappings(address))

    def _depths(self, address: Address) -> dict[str, Depth]:
        return {queue: self._queue.depth(queue) for queue in address.queues}

    def _count(self, job_type: str, state: State) -> Count:
        return self._store.count(job_type, state, at_most=COUNTED)

    def _parked(self, job_type: str) -> Count:
        """Jobs told to wait for so long that they have no message yet."""
        search, number, cursor = Search(job_type=job_type, states=_PARKED), 0, None
        for _ in range(_PAGES):
            hits = self._store.search(search, limit=1_000, cursor=cursor)
            number, cursor = number + sum(map(_is_parked, hits.rows)), hits.cursor
            if cursor is None:
                break
        return Count(number=number, at_least=cursor is not None)


def _is_parked(row: Listed) -> bool:
    return is_parked(row.run_at - row.updated_at) and row.sent_for != row.run_at
