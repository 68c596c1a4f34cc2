"""Plays Lambda and the clock: one event after the other, in the order in which they fall due.

An event is an invocation, as soon as a message is visible, or a run of the sweeper, at the full
minute. A minute at which the sweeper would find nothing is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from workerless.due import SHARDS
from workerless.execution.sweep import sweep
from workerless.job_type import JobType
from workerless.ports import Due
from workerless.testing.crash import ProcessDeath
from workerless.testing.crew import Crew
from workerless.testing.doubles import Doubles
from workerless.testing.failure import Patience, failure_in
from workerless.testing.loop import outside_any_loop
from workerless.testing.outcomes import Outcomes
from workerless.testing.schedule.ticks import Ticks
from workerless.testing.workflow.conducting import Conducting

_MINUTE = timedelta(minutes=1)
_ALL = 1_000_000
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    at: datetime
    play: Callable[[], int]


class Player:
    """Runs what the crew has a worker for; the jobs of other types only wait."""

    def __init__(self, doubles: Doubles, crew: Crew, *, raise_failures: bool) -> None:
        self._doubles = doubles
        self._crew = crew
        self._raise_failures = raise_failures
        self._schedules = Ticks(doubles)
        self._workflows = Conducting(doubles)
        self._is_playing = False
        self._crashes = 0

    def play(
        self,
        until: datetime,
        *,
        limit: int | None = None,
        enough: Callable[[], bool] = lambda: False,
    ) -> Outcomes:
        """Play what falls due up to ``until``, at most ``limit`` deliveries, or until ``enough``.

        Nothing when called by a handler: whoever runs it plays on after it. Raises
        ``AssertionError`` naming a job that comes back for ever, and ``JobFailedError``.
        """
        if self._is_playing:
            return Outcomes()
        lines, clock = self._doubles.telemetry.transitions, self._doubles.clock
        first, crashes = len(lines), self._crashes
        patience = Patience(since=bool if until == FAR else clock.now)
        left = _ALL if limit is None else limit
        while left > 0 and not enough():
            told = len(lines)
            deliveries = self._play_next(until, left)
            if deliveries is None:
                break
            left -= deliveries
            patience.check(lines[told:])
            self._raise_failure(told)
        return Outcomes.of(lines[first:], crashed=self._crashes - crashes)

    def _play_next(self, until: datetime, most: int) -> int | None:
        """Do what falls due first, moving the clock on to it; None if that is after ``until``.

        Returns how many deliveries there were, at most ``most``.
        """
        event = self._next(most, until)
        if event is None or event.at > until:
            return None
        clock = self._doubles.clock
        clock.advance(max(event.at - clock.now(), timedelta(0)))
        self._is_playing = True
        try:
            return event.play()
        finally:
            self._is_playing = False

    def _raise_failure(self, told: int) -> None:
        lines = self._doubles.telemetry.transitions[told:]
        failure = failure_in(lines, self._doubles.client()) if self._raise_failures else None
        if failure is not None:
            raise failure

    def _next(self, most: int, until: datetime) -> _Event | None:
        invocations = [*self._invocations(most), *self._orders()]
        if any(event.at == self._doubles.clock.now() for event in invocations):
            return min(invocations, key=_at)  # there is no need to ask the store
        work = [*invocations, *self._sweeps(), *self._looks(for_work=True), *self._repairs()]
        # Schedules never end: without a time to end at they go on as long as there is work.
        others = [*self._ticks(), *self._looks()] if work or until < FAR else []
        return min([*work, *others], key=_at, default=None)

    def _ticks(self) -> list[_Event]:
        now = self._doubles.clock.now()
        return [_Event(at=max(at, now), play=play) for at, play in self._schedules.next()]

    def _looks(self, *, for_work: bool = False) -> list[_Event]:
        now, looks = self._doubles.clock.now(), self._schedules.next_looks(for_work=for_work)
        return [_Event(at=max(_full_minute(at), now), play=play) for at, play in looks]

    def _orders(self) -> list[_Event]:
        now = self._doubles.clock.now()
        return [_Event(at=max(at, now), play=play) for at, play in self._workflows.orders()]

    def _repairs(self) -> list[_Event]:
        now, looks = self._doubles.clock.now(), self._workflows.looks()
        return [_Event(at=max(_full_minute(at), now), play=play) for at, play in looks]

    def _invocations(self, most: int) -> list[_Event]:
        events = []
        for name in self._crew.names():
            for queue in self._doubles.directory.find(name).queues:
                visible_at = self._doubles.queue.next_visible_at(queue)
                if visible_at is not None:
                    at = max(visible_at, self._doubles.clock.now())
                    play = partial(self._invoke, self._doubles.job_types[name], queue, most)
                    events.append(_Event(at=at, play=play))
        return events

    def _sweeps(self) -> list[_Event]:
        due = self._due_at()
        if due is None:
            return []
        at = max(_full_minute(due), self._doubles.clock.now())
        return [_Event(at=at, play=self._sweep)]

    def _due_at(self) -> datetime | None:
        """When the sweeper would next find a job that somebody here works on."""
        names = set(self._crew.names())
        ours = {one.job_id for one in self._doubles.store.records() if one.job_type in names}
        found = (due for shard in range(SHARDS) for due in self._all_due(shard))
        return min((due.at for due in found if due.job_id in ours), default=None)

    def _all_due(self, shard: int) -> Sequence[Due]:
        return self._doubles.store.due(shard, before=FAR, limit=_ALL)

    def _sweep(self) -> int:
        for shard in range(SHARDS):
            sweep(shard, self._doubles.sweeper())
        return 0

    def _invoke(self, job_type: JobType[Any, Any], queue: str, most: int) -> int:
        """One invocation for messages of ``queue``, and what Lambda does with its answer."""
        worker = self._crew.on_duty(job_type.name)
        records = self._doubles.queue.deliver(queue, min(job_type.batch_size, most))
        told = len(self._doubles.telemetry.transitions)
        try:
            ports, time_left = self._doubles.ports(job_type.name), job_type.function_timeout
            response = outside_any_loop(partial(worker.run, records, ports, time_left))
            self._doubles.store.check(self._doubles.telemetry.transitions[told:])
        except ProcessDeath:
            self._doubles.store.caller_is_dead = False
            self._doubles.clock.forget()
            self._crew.bury(job_type.name)
            self._crashes += 1
            return len(records)
        kept = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in kept:
                self._doubles.queue.acknowledge(queue, record["receiptHandle"])
        return len(records)


def _at(event: _Event) -> datetime:
    return event.at


def _full_minute(instant: datetime) -> datetime:
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + _MINUTE
