"""Whether a stage works now: ready for work, and a report with figures.

``ready`` is for machines that ask every few seconds, so it reads no index; ``report`` counts jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from workerless.deployed import AlarmFacts, Platform
from workerless.errors import (
    PlatformUnavailableError,
    QueueUnavailableError,
    StoreUnavailableError,
    WorkerlessError,
)
from workerless.flow.settings import Pause
from workerless.flow_ports import SettingsStore
from workerless.operations.metrics import QueueMetrics
from workerless.operations.queues import QueueStats
from workerless.operations.statistic import UNHEALTHY_RATIO
from workerless.ports import Address, Clock, Directory, Queue
from workerless.pulse import Pulse, Pulses, is_alive
from workerless.search import Count
from workerless.spread import Spread, in_turn

_RINGING = "ALARM"
_AGE = "ApproximateAgeOfOldestMessage"
_RUNS = frozenset({"Enabled", "Enabling", "Creating", "Updating"})


class Figures(Protocol):
    """How many jobs of a type there are, and how they do."""

    def stats(self, job_type: str) -> QueueStats: ...

    def metrics(self, job_type: str) -> QueueMetrics: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold for work to go on, and what was found."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Every check. ``ok``: all of them hold."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHealth:
    """One job type. ``is_running`` tells that its mapping brings messages to its function.

    ``pauses`` are those in force: what is paused as a whole need not run to be healthy.
    ``failure_ratio`` is of the last jobs that completed or failed; None for too few to judge.
    """

    job_type: str
    is_running: bool
    pauses: tuple[Pause, ...]
    stats: QueueStats
    failure_ratio: float | None

    @property
    def is_healthy(self) -> bool:
        few = self.failure_ratio is None or self.failure_ratio <= UNHEALTHY_RATIO
        return (self.is_running or is_paused(self.pauses)) and few


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """A stage at ``at``. ``pulse`` is its sweeper's heartbeat, None when it never ran."""

    at: datetime
    readiness: Readiness
    pulse: Pulse | None
    queues: tuple[QueueHealth, ...]

    @property
    def is_swept(self) -> bool:
        """Whether its sweeper is not overdue: who else sends parked and lost jobs?"""
        return is_alive(self.pulse, self.at)

    @property
    def healthy(self) -> bool:
        well = self.readiness.ok and self.is_swept
        return well and all(queue.is_healthy for queue in self.queues)

    @property
    def uptime(self) -> timedelta:
        """For how long the heartbeat has gone on without a gap; none while it is overdue."""
        return self.at - self.pulse.since if self.pulse and self.is_swept else timedelta(0)

    def shape(self) -> dict[str, Any]:
        """As JSON data, under the names that dashboards ask for; ``uptime`` in seconds."""
        return {
            "healthy": self.healthy,
            "uptime": round(self.uptime.total_seconds()),
            "lastHeartbeat": self.pulse.at.isoformat() if self.pulse else None,
            "activeJobs": self.total("active").number,
            "processedJobs": self.total("completed").number,
            "failedJobs": self.total("failed").number,
            "queues": [_queue_shape(queue) for queue in self.queues],
            "checks": [
                {"name": check.name, "ok": check.ok, "detail": check.detail}
                for check in self.readiness.checks
            ],
        }

    def total(self, name: str) -> Count:
        """Of all job types: ``active``, ``completed`` or ``failed``."""
        counts: list[Count] = [getattr(queue.stats, name) for queue in self.queues]
        number = sum(count.number for count in counts)
        return Count(number=number, at_least=any(count.at_least for count in counts))


type Pauses = Mapping[str, tuple[Pause, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHealth:
    """Asks a stage. Nothing here raises for what does not answer: it is what is asked about.

    ``spread`` asks about several job types at once, but not Lambda: it answers an account's
    questions about mappings fifteen times a second.
    """

    platform: Platform
    directory: Directory
    queue: Queue
    pulses: Pulses
    settings: SettingsStore
    clock: Clock
    figures: Figures
    spread: Spread = in_turn

    def ready(self) -> Readiness:
        """Whether jobs can be enqueued and will be run."""
        readiness, _ = self._look()
        return readiness

    def report(self) -> HealthReport:
        """The same, with the heartbeat and how many jobs there are.

        Raises ``StoreUnavailableError`` or ``QueueUnavailableError`` when they cannot be counted.
        """
        readiness, pauses = self._look()
        runs = {check.name for check in readiness.checks if check.ok}

        def health(name: str) -> QueueHealth:
            held = pauses[name]
            return QueueHealth(
                job_type=name,
                is_running=f"mapping {name}" in runs and not is_paused(held),
                pauses=held,
                stats=self.figures.stats(name),
                failure_ratio=self.figures.metrics(name).error_rate,
            )

        return HealthReport(
            at=self.clock.now(),
            readiness=readiness,
            pulse=self._pulse(),
            queues=tuple(self.spread(health, list(pauses))),
        )

    def _look(self) -> tuple[Readiness, Pauses]:
        """What was found, and the pauses of each job type that could be asked about."""
        try:
            addresses = self.directory.all()
        except WorkerlessError as error:
            found = Check(name="directory", ok=False, detail=str(error))
            return Readiness(checks=(found,)), {}
        pauses = self._pauses([one.job_type for one in addresses])
        mappings = [self._mapping(one, pauses[one.job_type]) for one in addresses]
        still = {
            queue.rpartition("/")[2]
            for one in addresses
            if pauses[one.job_type]
            for queue in one.queues
        }
        queues = self.spread(self._queue, addresses)
        checks = (self._table(), *queues, *mappings, self._alarms(still))
        return Readiness(checks=checks), pauses

    def _pauses(self, names: list[str]) -> Pauses:
        """None where the table does not answer, which is told by another check."""
        try:
            known = self.settings.read_many(names)
        except StoreUnavailableError:
            return dict.fromkeys(names, ())
        now = self.clock.now()
        return {
            name: tuple(pause for pause in settings.pauses if pause.holds(now))
            for name, settings in zip(names, known, strict=True)
        }

    def _table(self) -> Check:
        try:
            pulse = self.pulses.last()
        except StoreUnavailableError as error:
            return Check(name="table", ok=False, detail=str(error))
        seen = f"last heartbeat {pulse.at.isoformat()}" if pulse else "no heartbeat yet"
        return Check(name="table", ok=True, detail=seen)

    def _queue(self, address: Address) -> Check:
        name = f"queue {address.job_type}"
        try:
            waiting = sum(map(self.queue.waiting, address.queues))
        except QueueUnavailableError as error:
            return Check(name=name, ok=False, detail=str(error))
        return Check(name=name, ok=True, detail=f"about {waiting} waiting")

    def _mapping(self, address: Address, pauses: tuple[Pause, ...]) -> Check:
        name = f"mapping {address.job_type}"
        try:
            mappings = self.platform.mappings(address)
        except PlatformUnavailableError as error:
            return Check(name=name, ok=False, detail=str(error))
        found = ", ".join(one.state for one in mappings) or "there is none"
        if address.in_containers:  # whether they are well is their platform's to say
            return Check(name=name, ok=bool(mappings), detail=f"containers run them, {found}")
        if is_paused(pauses):
            return Check(name=name, ok=bool(mappings), detail=f"paused, {found}")
        read = {one.queue.rpartition(":")[2] for one in mappings if one.state in _RUNS}
        unread = [one for queue in address.queues if (one := queue.rpartition("/")[2]) not in read]
        # Of a job type with lanes the others run: say which one does not.
        told = f"{found}; nobody reads {', '.join(unread)}" if unread and address.lanes else found
        return Check(name=name, ok=not unread, detail=told)

    def _alarms(self, paused: set[str]) -> Check:
        """A dead letter is no reason to send no more work, standing still is one if not meant."""
        try:
            ringing = [one for one in self.platform.alarms() if one.state == _RINGING]
        except PlatformUnavailableError as error:
            return Check(name="alarms", ok=False, detail=str(error))
        return Check(
            name="alarms",
            ok=not any(_says_stuck(alarm) for alarm in ringing if alarm.queue not in paused),
            detail=", ".join(alarm.name for alarm in ringing) or "none rings",
        )

    def _pulse(self) -> Pulse | None:
        try:
            return self.pulses.last()
        except StoreUnavailableError:
            return None


def is_paused(pauses: tuple[Pause, ...]) -> bool:
    """Whether a job type is paused as a whole."""
    return any(pause.is_whole for pause in pauses)


def _says_stuck(alarm: AlarmFacts) -> bool:
    return alarm.metric == _AGE


def _queue_shape(queue: QueueHealth) -> dict[str, Any]:
    counts, ratio = queue.stats.counts(), queue.failure_ratio
    return {
        "name": queue.job_type,
        "healthy": queue.is_healthy,
        "isServiceRunning": queue.is_running,
        "paused": [pause.shape() for pause in queue.pauses],
        **queue.stats.shape(),
        "atLeast": [name for name, count in counts.items() if count.at_least],
        "failureRatio": None if ratio is None else round(ratio, 4),
    }
