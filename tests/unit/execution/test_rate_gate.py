"""The gate of a rate limit, in one process."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from workerless import Payload, RateLimit, State
from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.gates.rate import RateGate
from workerless.execution.runtime import Ports, Runtime
from workerless.flow.pacing import Ask, Step
from workerless.flow.settings import NO_SETTINGS, FlowSettings, Override
from workerless.flow_ports import Stepped
from workerless.outcome import Failed, Outcome, Waiting
from workerless.record import Record
from workerless.testing.flow.rates import InMemoryRates
from workerless.testing.memory import FakeClock

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Call(Payload):
    """Call somebody's API."""

    customer: str = "c1"


@dataclass(kw_only=True)
class SlowRates(InMemoryRates):
    """A table whose answers take a while, on the clock of who asks."""

    clock: FakeClock
    delays: Iterator[float] = field(default_factory=lambda: iter(()))

    def __post_init__(self) -> None:
        super().__init__()

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        answer = super().take(limiter, step, ask)
        self.clock.advance(timedelta(seconds=next(self.delays, 0)))
        return answer


@dataclass(kw_only=True)
class Door:
    """One gate in one process."""

    limit: RateLimit = field(default_factory=lambda: RateLimit(10, per=SECOND))
    clock: FakeClock = field(default_factory=FakeClock)
    settings: FlowSettings = NO_SETTINGS

    def __post_init__(self) -> None:
        self.rates = SlowRates(clock=self.clock)
        self.gate = RateGate(self.limit, "calls", self.rates, lambda _now: self.settings)

    def ask(
        self, job_id: str = "job-1", waits: dict[str, str] | None = None, **payload: Any
    ) -> Go | Outcome:
        record = Record(
            job_id=job_id,
            job_type="call",
            state=State.PROCESSING,
            digest="",
            body="",
            max_attempts=3,
            enqueued_at=self.clock.now(),
            updated_at=self.clock.now(),
            run_at=self.clock.now(),
            waits=waits,
        )
        run = cast("Admitted", _Run(record=record))
        runtime = cast("Runtime", _Runtime(ports=cast("Ports", _Ports(clock=self.clock))))
        return self.gate.ask(Candidate(run=run, payload=Call(**payload)), runtime)


@dataclass
class _Run:
    record: Record


@dataclass
class _Runtime:
    ports: Ports


@dataclass
class _Ports:
    clock: FakeClock


def waiting(answer: Go | Outcome) -> Waiting:
    assert isinstance(answer, Waiting)
    return answer


def going(answer: Go | Outcome) -> Go:
    assert isinstance(answer, Go)
    return answer


def test_slots_are_given_one_after_another_for_a_second_and_then_places() -> None:
    door = Door(limit=RateLimit(4, per=SECOND))
    start = door.clock.now()

    answers = [door.ask(f"job-{number}") for number in range(7)]

    slots = [answer.at for answer in answers if isinstance(answer, Go) and answer.at]
    assert [(at - start) / SECOND for at in slots] == [0, 0.2625, 0.525, 0.7875]
    places = [answer for answer in answers if isinstance(answer, Waiting)]
    assert [place.delay / SECOND for place in places] == [0.25, 0.5125, 0.775]  # 0.8 s early
    assert {place.why for place in places} == {"rate_limit"}


def test_who_comes_back_in_time_takes_a_slot_whatever_the_line_says() -> None:
    door = Door(limit=RateLimit(1, per=SECOND))
    door.ask("job-1")
    door.clock.advance(SECOND / 100)
    place = waiting(door.ask("job-2"))
    for number in range(3, 100):
        waiting(door.ask(f"job-{number}"))
    door.clock.advance(place.delay)

    answer = going(door.ask("job-2", dict(place.notes)))

    assert answer.at == door.clock.now() + 0.8 * SECOND
    assert door.rates.writes == 100


def test_who_comes_early_keeps_its_place_and_asks_nobody() -> None:
    door = Door(limit=RateLimit(1, per=MINUTE))
    door.ask("job-1")
    place = waiting(door.ask("job-2"))
    writes = door.rates.writes
    door.clock.advance(SECOND)

    again = waiting(door.ask("job-2", dict(place.notes)))

    assert again.delay == place.delay - SECOND
    assert again.notes == place.notes
    assert door.rates.writes == writes


def test_a_herd_that_comes_back_at_once_joins_the_line_again() -> None:
    door = Door(limit=RateLimit(1, per=SECOND))
    places = {number: waiting(door.ask(f"job-{number}")) for number in _waiting(door, 20)}
    door.clock.advance(timedelta(hours=1))

    answers = [door.ask(f"job-{number}", dict(place.notes)) for number, place in places.items()]

    assert Counter(type(answer) for answer in answers) == {Go: 2, Waiting: len(places) - 2}
    delays = [answer.delay / SECOND for answer in answers if isinstance(answer, Waiting)]
    assert delays == pytest.approx([1.05 * number - 0.8 for number in range(2, len(places))])


def _waiting(door: Door, count: int) -> range:
    door.ask("job-0")
    return range(1, count)


def test_a_slot_whose_answer_comes_too_late_is_not_used() -> None:
    """The next is asked for from when its answer can be expected on."""
    door = Door()
    door.rates.delays = iter([0.2, 0.2, 0.2])

    answer = going(door.ask())

    assert door.rates.writes == 2
    assert answer.at is not None
    assert answer.at >= door.clock.now() - 0.03 * SECOND


def test_who_is_always_late_looks_again_in_a_second() -> None:
    door = Door()
    door.rates.delays = iter([0.1, 0.3, 0.9, 3.0, 9.0])

    answer = waiting(door.ask())

    assert (answer.delay, answer.why) == (SECOND, "rate_limit")


def test_a_run_that_is_asked_again_takes_one_slot() -> None:
    door = Door()
    first = going(door.ask())

    second = going(door.ask())

    assert door.rates.writes == 1
    assert second.until == first.until


def test_a_slot_that_passed_is_asked_for_anew() -> None:
    door = Door()
    first = going(door.ask())
    door.clock.advance(SECOND)

    second = going(door.ask())

    assert second.at is not None
    assert first.until is not None
    assert second.at > first.until


def test_each_key_has_slots_of_its_own() -> None:
    door = Door(limit=RateLimit(1, per=MINUTE, key="customer"))
    door.ask("job-1", customer="loud")
    waiting(door.ask("job-2", customer="loud"))

    answer = going(door.ask("job-3", customer="quiet"))

    assert answer.at == door.clock.now()


def test_a_function_that_raises_fails_the_job_and_tells_why() -> None:
    def wrong(_call: Call) -> str:
        raise LookupError("no such customer")

    door = Door(limit=RateLimit(1, per=SECOND, key=wrong, name="calls"))

    answer = door.ask()

    assert isinstance(answer, Failed)
    assert answer.reason == "invalid_rate_limit"
    assert answer.error.message == "no such customer"


def test_while_nothing_may_start_jobs_look_ever_less_often() -> None:
    door = Door()
    door.settings = _overridden(0)
    notes: dict[str, str] = {}
    delays = []

    for _ in range(8):
        answer = waiting(door.ask(waits=notes))
        notes = dict(answer.notes)
        delays.append(answer.delay / SECOND)

    assert delays == [30, 60, 120, 240, 480, 900, 900, 900]
    assert door.rates.writes == 0


def test_an_override_changes_the_pace_of_the_next_slot() -> None:
    door = Door()
    door.ask("job-1")
    door.settings = _overridden(5)

    answers = [going(door.ask(f"job-{number}")) for number in (2, 3)]

    first, second = (answer.at for answer in answers)
    assert first is not None
    assert second is not None
    assert (second - first) / SECOND == 0.21


def _overridden(limit: int) -> FlowSettings:
    now = datetime.fromisoformat("2026-01-01T00:00:00Z")
    override = Override(by="ada", at=now, why="they asked", limit=limit)
    return FlowSettings(overrides={"rate:calls": override})
