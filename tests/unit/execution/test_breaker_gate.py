"""A dependency that is down stops the jobs that need it, in all workers, and one probes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import Dependency, RateLimit, RetryAfter
from workerless.errors import StoreUnavailableError
from workerless.execution.gate import Gate
from workerless.execution.gating import gates_of
from workerless.execution.runtime import Ports
from workerless.flow.breaker import Breaker, Stand
from workerless.job_type import JobType
from workerless.ports import Store
from workerless.record import Record
from workerless.states import State
from workerless.testing.flow.stores import InMemoryFlow

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class BankDownError(Exception):
    """The bank does not answer."""


BANK = Dependency("bank", (BankDownError,), failures=3, open_for=MINUTE, recovery=MINUTE)
NEEDY = replace(TASK, needs=(BANK,), batch_size=1)


@dataclass(kw_only=True)
class Fleet(Bench):
    """Three execution environments that take turns. ``error`` is what the bank answers."""

    job_type: "JobType[Task, Done]" = NEEDY
    error: Exception | None = None
    ran: list[str] = field(default_factory=list)
    started: list[datetime] = field(default_factory=list)
    turn: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.flow = InMemoryFlow(self.clock)
        self.gates: list[tuple[Gate, ...]] = [gates_of(self.job_type, self.flow) for _ in range(3)]
        self.handle(self._perform)

    def ports(self, store: Store | None = None) -> Ports:
        return replace(super().ports(store), gates=self.gates[self.turn % 3])

    def enqueue(self, count: int) -> list[str]:
        return [self.client.enqueue(self.job_type, Task(text=str(n))).id for n in range(count)]

    def work(self, times: int) -> None:
        """So many invocations, each of the next environment, a second apart."""
        for _ in range(times):
            self.turn += 1
            self.deliver(1)
            self.clock.advance(SECOND)

    def breaker(self) -> Breaker:
        return self.flow.breakers.read("bank")

    def record(self, job_id: str) -> Record:
        (record,) = self.store.get_many([job_id])
        assert record is not None
        return record

    def _perform(self, task: Task) -> Done:
        self.ran.append(task.text)
        self.started.append(self.clock.now())
        self.clock.advance(SECOND / 10)
        if self.error is not None:
            raise self.error
        return Done(text=task.text)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    fleet = Fleet()
    yield fleet
    fleet.close()


def test_failures_in_any_worker_stop_all_of_them(fleet: Fleet) -> None:
    fleet.error = BankDownError()
    ids = fleet.enqueue(20)

    fleet.work(20)

    assert len(fleet.ran) == 3
    waiting = [fleet.record(one) for one in ids[3:10]]
    assert {(one.state, one.reason, one.attempt) for one in waiting} == {
        (State.SCHEDULED, "breaker_open", 0)
    }
    opened = [one for one in fleet.telemetry.transitions if one["event"] == "breaker.open"]
    assert [(one["dependency"], one["was"]) for one in opened] == [("bank", "closed")]


def test_what_went_well_long_ago_does_not_outweigh_failures_of_now() -> None:
    bank = replace(BANK, ratio=0.5)
    fleet = Fleet(job_type=replace(NEEDY, needs=(bank,)))
    fleet.enqueue(60)
    fleet.work(50)
    fleet.error = BankDownError()

    fleet.work(10)

    assert len(fleet.ran) == 50 + 3
    assert fleet.breaker().stand(fleet.clock.now()) is Stand.OPEN
    fleet.close()


def test_few_failures_among_many_that_work_open_nothing() -> None:
    bank = replace(BANK, ratio=0.5)
    fleet = Fleet(job_type=replace(NEEDY, needs=(bank,)))
    fleet.enqueue(60)
    for number in range(50):
        fleet.error = BankDownError() if number % 5 == 0 else None
        fleet.work(1)

    assert len(fleet.ran) == 50
    assert fleet.breaker().stand(fleet.clock.now()) is Stand.CLOSED
    fleet.close()


def test_other_errors_are_the_jobs_own(fleet: Fleet) -> None:
    fleet.error = ValueError()
    fleet.enqueue(20)

    fleet.work(20)

    assert len(fleet.ran) == 20
    assert fleet.breaker().version == 0


def test_jobs_that_work_write_nothing(fleet: Fleet) -> None:
    fleet.enqueue(20)

    fleet.work(20)

    assert (len(fleet.ran), fleet.breaker().version) == (20, 0)


def test_one_job_of_the_fleet_probes_and_the_others_follow(fleet: Fleet) -> None:
    fleet.error = BankDownError()
    ids = fleet.enqueue(20)
    fleet.work(20)
    fleet.clock.advance(MINUTE)
    before, ready = len(fleet.ran), fleet.breaker().stand(fleet.clock.now())

    fleet.work(20)

    assert (ready, len(fleet.ran) - before) == (Stand.READY, 1)
    assert fleet.breaker().trips == 2
    fleet.error = None
    fleet.drain()
    assert {fleet.record(one).state for one in ids} == {State.COMPLETED}
    assert [one["event"] for one in fleet.telemetry.transitions if "dependency" in one] == [
        "breaker.open",
        "breaker.probed",
        "breaker.open",
        "breaker.probed",
        "breaker.closed",
    ]


def test_probe_that_fails_of_something_else_lets_the_next_one_try(fleet: Fleet) -> None:
    fleet.error = BankDownError()
    fleet.enqueue(20)
    fleet.work(20)
    fleet.error = ValueError()
    fleet.clock.advance(2 * MINUTE)

    fleet.work(2)

    assert fleet.breaker().stand(fleet.clock.now()) is Stand.READY
    assert len(fleet.ran) == 5


def test_worker_rests_between_its_jobs_while_the_bank_recovers(fleet: Fleet) -> None:
    fleet.error = BankDownError()
    fleet.enqueue(200)
    fleet.work(10)
    fleet.error = None
    fleet.clock.advance(5 * MINUTE)
    fleet.work(1)
    closed_at, before = fleet.clock.now(), len(fleet.ran)
    while fleet.clock.now() - closed_at < 10 * SECOND:
        fleet.deliver(1)

    # A job takes a tenth of a second: a hundred in ten seconds, of which some fifth is allowed.
    assert 8 <= len(fleet.ran) - before <= 30


@pytest.mark.parametrize(("spares", "attempts"), [(False, 1), (True, 0)])
def test_dependency_that_says_when_to_come_back_is_left_alone_by_all(
    *, spares: bool, attempts: int
) -> None:
    bank = replace(BANK, spares_attempts=spares)
    fleet = Fleet(job_type=replace(NEEDY, needs=(bank,)))
    fleet.error = RetryAfter(5 * MINUTE)
    first, *others = fleet.enqueue(10)

    fleet.work(10)

    assert len(fleet.ran) == 1
    assert fleet.record(first).attempt == attempts
    assert {fleet.record(one).reason for one in others} == {"retry_after"}
    assert fleet.breaker().stand(fleet.clock.now()) is Stand.HELD
    fleet.error = None
    fleet.drain()
    assert min(fleet.started[1:]) - fleet.started[0] >= 5 * MINUTE
    assert {fleet.record(one).state for one in (first, *others)} == {State.COMPLETED}
    fleet.close()


def test_rate_limit_is_slowed_with_its_dependency() -> None:
    limited = replace(NEEDY, rate_limits=(RateLimit(10, per=SECOND),))
    fleet = Fleet(job_type=limited)
    fleet.error = RetryAfter(SECOND)
    fleet.enqueue(1)
    fleet.work(1)

    rate = fleet.gates[1][-1]
    now = fleet.breaker().held_until
    assert now is not None
    settings = rate._settings  # type: ignore[attr-defined] # noqa: SLF001 -- what it was given
    assert settings(now).factor == 0.5
    assert settings(now + MINUTE).factor == 1
    fleet.close()


def test_nothing_starts_while_nobody_can_tell_how_the_breaker_stands(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(name: str) -> Breaker:
        raise StoreUnavailableError("no answer")

    (job_id,) = fleet.enqueue(1)
    with monkeypatch.context() as patched:
        patched.setattr(fleet.flow.breakers, "read", silent)
        fleet.work(1)

    assert (fleet.ran, fleet.record(job_id).reason) == ([], "store_unavailable")
    fleet.drain()
    assert fleet.ran == ["0"]


def test_end_that_cannot_be_told_fails_no_job(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(name: str, breaker: Breaker) -> bool:
        raise StoreUnavailableError("no answer")

    fleet.error = BankDownError()
    (job_id,) = fleet.enqueue(1)
    monkeypatch.setattr(fleet.flow.breakers, "save", silent)

    fleet.work(1)

    assert fleet.record(job_id).state is State.RETRYING
    assert "breaker_not_told" in {one.event for one in fleet.telemetry.troubles}
