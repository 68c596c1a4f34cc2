"""One process: its clock, its calls, and its death, after which it does nothing any more."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.crew import Hand
from tests.simulation.fault import Fault
from tests.simulation.ground import Ground
from tests.simulation.history import Ended, Note

_LOGGER = logging.LoggerAdapter(logging.getLogger("simulation"), {})

_ENDS = ("job.completed", "job.failed", "job.discarded")
_LATENCY = timedelta(milliseconds=5)


class Crash(BaseException):
    """The process is gone. The library may catch it; its next call meets it again."""


class Unreachable(Exception):
    """A call without an answer."""


@dataclass(slots=True, kw_only=True, eq=False)
class Process:
    """An execution environment or a producer. It is Clock and Telemetry of what runs in it."""

    name: str
    ground: Ground
    skew: timedelta = timedelta(0)
    is_dead: bool = False
    hand: Hand | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    alarms: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def start(self, body: Callable[[], None]) -> None:
        """Work until the first pause, or to the end."""

        def until_death() -> None:
            try:
                body()
            except Crash:
                self.ground.tell(Note(text=f"{self.name}: dead"))

        self.hand = Hand(until_death)
        self.hand.resume()

    def kill(self) -> None:
        """End it from outside, wherever it waits."""
        self.is_dead = True
        if self.hand is not None and not self.hand.is_done:
            self.hand.resume()

    def alive(self) -> None:
        if self.is_dead:
            raise Crash

    def die(self) -> None:
        self.is_dead = True
        raise Crash

    def elapse(self, duration: timedelta) -> None:
        """Let the world go on without us for ``duration``, but for alarms that ring meanwhile."""
        end = self.ground.now + duration
        while due := [alarm for alarm in self.alarms if alarm[0] <= end]:
            self._ring(min(due, key=lambda alarm: alarm[0]))
        self._pause(max(end - self.ground.now, timedelta(0)))

    def _ring(self, alarm: tuple[datetime, Callable[[], None]]) -> None:
        self.alarms.remove(alarm)
        self._pause(max(alarm[0] - self.ground.now, timedelta(0)))
        alarm[1]()

    def _pause(self, duration: timedelta) -> None:
        self.alive()
        hand = self.hand
        if hand is None:
            return
        self.ground.after(duration, lambda: None if hand.is_done else hand.resume())
        hand.pause()
        self.alive()

    def call[T](self, step: str, kinds: tuple[Fault, ...], effect: Callable[[bool], T]) -> T:
        """One call over the network. ``effect`` learns whether it is a repetition.

        Raises ``Unreachable``, and ``Crash``. A partial batch is the caller's to make.
        """
        self.alive()
        self.ground.clock.advance(_LATENCY)
        fault = self.ground.faults.draw(step, kinds)
        if fault is None:
            return effect(False)  # noqa: FBT003 -- the first time
        self.ground.tell(Note(text=f"{self.name}: {fault} at {step}"))
        self._before(fault)
        answer = effect(False)  # noqa: FBT003
        return self._after(fault, answer, effect)

    def _before(self, fault: Fault) -> None:
        match fault:
            case Fault.CRASH_BEFORE:
                self.die()
            case Fault.REFUSED:
                raise Unreachable("throttled")
            case Fault.SLOW_BEFORE:
                self.elapse(self._while())
            case _:
                pass

    def _after[T](self, fault: Fault, answer: T, effect: Callable[[bool], T]) -> T:
        match fault:
            case Fault.CRASH_AFTER:
                self.die()
            case Fault.LOST:
                raise Unreachable("no answer")
            case Fault.SLOW_AFTER:
                self.elapse(self._while())
            case Fault.REPEATED:
                self.elapse(self._while())
                return effect(True)  # noqa: FBT003
            case _:
                pass
        return answer

    def _while(self) -> timedelta:
        """A moment, longer than a timeout, than a lease, or than a message stays hidden."""
        job_type = self.ground.job_type
        lease = job_type.function_timeout + timedelta(seconds=31)
        waits = [timedelta(seconds=1), timedelta(seconds=6), lease, job_type.visibility_timeout]
        (wait,) = self.ground.rng.choices(waits, weights=[6, 3, 2, 2])
        return wait + timedelta(seconds=self.ground.rng.randrange(3))

    # The Clock of what runs here.
    def now(self) -> datetime:
        self.alive()
        return self.ground.now + self.skew

    def sleep(self, duration: timedelta) -> None:
        self.elapse(duration)

    async def pause(self, duration: timedelta) -> None:
        self.elapse(duration)

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        alarm = (self.ground.now + delay, action)
        self.alarms.append(alarm)
        return lambda: self.alarms.remove(alarm) if alarm in self.alarms else None

    # The Telemetry of what runs here.
    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        self.alive()
        self.ground.history.cells["outcome", str(fields["event"])] += 1
        told = (fields["event"], fields.get("job_id"), fields.get("reason"))
        self.ground.tell(Note(text=f"{self.name}: {told}"))
        if fields["event"] in _ENDS:
            ended = Ended(by=self.name, job_id=str(fields["job_id"]), event=str(fields["event"]))
            self.ground.tell(ended)

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        self.alive()
        self.ground.tell(Note(text=f"{self.name}: {event} {fields}"))

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        self.alive()
        return _LOGGER
