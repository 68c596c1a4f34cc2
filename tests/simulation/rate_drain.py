"""A queue whose jobs are under rate limits, worked on by many workers at once, in virtual time.

Gates and their passage are the library's own, each worker with its own clock and its own idea of
how a limiter stands. Calls take a while; messages come back in whole seconds and a little late.
"""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, cast

from tests.simulation.crew import Hand
from workerless import JobType, Payload, State
from workerless.execution.admission import Admitted
from workerless.execution.gate import pass_gates
from workerless.execution.gating import gates_of
from workerless.execution.runtime import Runtime
from workerless.flow.pacing import Ask, Step
from workerless.flow_ports import FlowStores, SettingsStore, Stepped
from workerless.outcome import Waiting
from workerless.record import Record
from workerless.testing.clock import START
from workerless.testing.flow.stores import InMemoryFlow

SECOND = timedelta(seconds=1)
# Waits up to this are spent hidden, and count as in flight (``execution.redeliver``).
_HIDDEN = 30 * SECOND
# From receiving a job to asking for it, and from its end to the next.
_BEFORE, _AFTER = 0.012 * SECOND, 0.018 * SECOND
# When the message of a worker that died comes back.
_LEASE = 60 * SECOND


class Call(Payload):
    """Call somebody's API."""

    customer: str = "c1"
    points: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When a handler began, by the true time, and how long its job had waited."""

    at: datetime
    waited: timedelta
    payload: Call


@dataclass(slots=True, kw_only=True)
class _Message:
    payload: Call
    record: Record
    is_hidden: bool = False


class _Worker:
    """One execution environment: the Clock of what runs in it, off by ``skew``."""

    def __init__(self, drain: "Drain") -> None:
        self._drain = drain
        self._skew = drain.skew * drain.dice.choice([-1, 0, 1])
        self.message: _Message | None = None
        self.hand = Hand(self._work)
        gates = gates_of(drain.job_type, cast("FlowStores", _Remote(drain=drain, worker=self)))
        self._runtime = Runtime(
            job_type=drain.job_type,
            perform=cast("Any", None),
            hooks=(),
            ports=cast("Any", _Ports(clock=self, gates=gates)),
            deadline=datetime.max.replace(tzinfo=UTC),
        )

    def now(self) -> datetime:
        return self._drain.now + self._skew

    def sleep(self, duration: timedelta) -> None:
        if duration > timedelta(0):
            self._drain.wake(self, self._drain.now + duration)
            self.hand.pause()

    def _work(self) -> None:
        """Message by message, until there is none."""
        while self.message is not None:
            self._handle(self.message)
            self._drain.idle.append(self)
            self.hand.pause()

    def _handle(self, message: _Message) -> None:
        drain = self._drain
        self.sleep(_BEFORE)
        run = Admitted(arrival=cast("Any", None), record=message.record)
        end = pass_gates(run, message.payload, self._runtime)
        if isinstance(end, Waiting):
            self.sleep(_AFTER)
            drain.wait(message, end)
        elif drain.dice.random() < drain.dies:
            drain.looks["died"] += 1
            drain.put(message, drain.now + _LEASE)
        else:
            assert isinstance(end, Admitted), end
            drain.start(message)
            self.sleep(drain.takes + _AFTER)


@dataclass(slots=True, kw_only=True)
class _Remote:
    """The stores, as one worker reaches them: some calls are slow, before or after their effect."""

    drain: "Drain"
    worker: _Worker

    @property
    def rates(self) -> "_Remote":
        return self

    @property
    def settings(self) -> SettingsStore:
        return self.drain.flow.settings

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        drain = self.drain
        self.worker.sleep(drain.latency() / 2)
        answer = drain.flow.rates.take(limiter, step, ask)
        self.worker.sleep(drain.latency() / 2)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ports:
    clock: _Worker
    gates: tuple[Any, ...]


@dataclass(kw_only=True)
class Drain:
    """``takes`` is what a job takes, ``skew`` how far clocks are off, ``slow`` the share of calls
    that take long, ``dies`` that of jobs whose worker dies with a slot in hand.
    """

    job_type: JobType[Any, Any]
    workers: int
    takes: timedelta = 0.02 * SECOND
    skew: timedelta = timedelta(0)
    slow: float = 0
    dies: float = 0
    seed: int = 1
    started: list[Start] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    most_hidden: int = 0

    def __post_init__(self) -> None:
        self.now, self.dice = START, Random(self.seed)
        self.flow = InMemoryFlow(cast("Any", self))
        self._order = count()
        self._events: list[tuple[datetime, int, _Worker]] = []
        self._queue: list[tuple[datetime, int, _Message]] = []
        self._hidden = 0
        self.idle = [_Worker(self) for _ in range(self.workers)]

    def send(self, payloads: Iterable[Call], every: timedelta = timedelta(0)) -> None:
        """Enqueue these, one ``every`` so often from now on."""
        for number, payload in enumerate(payloads):
            at = self.now + number * every
            record = Record(
                job_id=f"job-{next(self._order)}",
                job_type=self.job_type.name,
                state=State.PENDING,
                digest="",
                body="",
                max_attempts=1,
                enqueued_at=at,
                updated_at=at,
                run_at=at,
            )
            self.put(_Message(payload=payload, record=record), at)

    def run(self, until: timedelta = timedelta(days=30)) -> None:
        """Until nothing is left to do, or the time is over."""
        while self._step(START + until):
            pass

    def forget(self, is_gone: Callable[[Call], bool]) -> None:
        """Cancel what waits and is like this."""
        self._queue = [entry for entry in self._queue if not is_gone(entry[2].payload)]
        heapq.heapify(self._queue)

    def close(self) -> None:
        """End the threads."""
        for worker in self.idle:
            worker.message = None
            worker.hand.resume()

    def _step(self, end: datetime) -> bool:
        """Do what comes first."""
        event = self._events[0][0] if self._events else None
        message = max(self._queue[0][0], self.now) if self._queue and self.idle else None
        at = min((one for one in (event, message) if one is not None), default=None)
        if at is None or at > end:
            return False
        self.now = max(at, self.now)
        if at == message:
            worker = self.idle.pop()
            worker.message = heapq.heappop(self._queue)[2]
            self._hidden -= worker.message.is_hidden
        else:
            worker = heapq.heappop(self._events)[2]
        worker.hand.resume()
        return True

    def wake(self, worker: _Worker, at: datetime) -> None:
        heapq.heappush(self._events, (at, next(self._order), worker))

    def put(self, message: _Message, at: datetime) -> None:
        heapq.heappush(self._queue, (at, next(self._order), message))

    def latency(self) -> timedelta:
        is_slow = self.dice.random() < self.slow
        return SECOND * (
            self.dice.choice([0.1, 1, 6]) if is_slow else self.dice.uniform(0.004, 0.012)
        )

    def start(self, message: _Message) -> None:
        waited = self.now - message.record.enqueued_at
        self.started.append(Start(at=self.now, waited=waited, payload=message.payload))

    def wait(self, message: _Message, held: Waiting) -> None:
        """In whole seconds, a little late; as the seam keeps the notes."""
        self.looks[held.why] += 1
        waits = {**(message.record.waits or {}), **held.notes}
        message.record = replace(message.record, waits=waits)
        message.is_hidden = held.delay <= _HIDDEN
        self._hidden += message.is_hidden
        self.most_hidden = max(self.most_hidden, self._hidden)
        late = SECOND * self.dice.uniform(0, 0.3)
        self.put(message, self.now + math.ceil(held.delay / SECOND) * SECOND + late)


def most_in_a_window(started: Iterable[Start], per: timedelta) -> int:
    """The points of the fullest half-open window of this length."""
    points, most, window = 0, 0, []
    for start in sorted(started, key=lambda one: one.at):
        window.append(start)
        points += start.payload.points
        while window[0].at <= start.at - per:
            points -= window.pop(0).payload.points
        most = max(most, points)
    return most
