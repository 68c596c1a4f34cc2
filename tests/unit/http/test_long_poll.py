"""GET /jobs/{id}?wait=: answered when the job has ended, and by so many callers at once only."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.http.office import Office
from workerless.errors import StoreUnavailableError, WorkerlessError
from workerless.flow.permits import Holder
from workerless.flow_ports import Permitted
from workerless.http.api import Api
from workerless.http.desk import Desk
from workerless.http.seats import Seats
from workerless.http.settings import HttpSettings
from workerless.http.webhook import Webhooks
from workerless.operations.opened import opened
from workerless.testing.flow.permits import InMemoryPermits
from workerless.testing.inline import BusyClock

JOB = {"data": {"number": 1}}


class Hall:
    """An office in which jobs run while callers wait, and ``seats`` for two of these."""

    def __init__(self, *, runs: bool = True) -> None:
        self.office = Office()
        ward = self.office.ward
        ward.cure()
        advance = ward.stage.advance if runs else ward.clock.advance
        self.permits = InMemoryPermits()
        self.seats = Seats(self.permits, ward.clock, limit=2)
        desk = replace(ward.desk, clock=BusyClock(ward.clock, advance))
        self.office.api = Api(
            Desk(
                client=ward.stage.client,
                operate=opened(desk).acting_as,
                directory=ward.stage.doubles.directory,
                job_types={"visit": ward.job_type},
                clock=ward.clock,
                seat=self.seats.taken,
            ),
            settings=HttpSettings(),
            webhooks=Webhooks(
                {}, secret=str, client=ward.stage.client, job_types={}, clock=ward.clock
            ),
            telemetry=self.office.telemetry,
        )

    def now(self) -> datetime:
        return self.office.ward.clock.now()


def test_answer_comes_when_the_job_has_ended() -> None:
    hall = Hall()
    job_id = hall.office.enqueue(1, delayMs=4_000)
    began = hall.now()

    status, job = hall.office.ask(f"GET /jobs/{job_id}", query="wait=20")

    assert (status, job["state"]) == (200, "completed")
    assert hall.now() - began < timedelta(seconds=7)


def test_answer_comes_when_patience_ends() -> None:
    hall = Hall(runs=False)
    job_id = hall.office.enqueue(1)
    began = hall.now()

    status, job = hall.office.ask(f"GET /jobs/{job_id}", query="wait=20")

    assert (status, job["state"]) == (200, "pending")
    assert hall.now() - began == timedelta(seconds=20)


def test_without_a_free_seat_the_answer_comes_now() -> None:
    hall = Hall()
    job_id = hall.office.enqueue(1, delayMs=4_000)
    began = hall.now()

    with hall.seats.taken(timedelta(seconds=20)), hall.seats.taken(timedelta(seconds=20)):
        status, job = hall.office.ask(f"GET /jobs/{job_id}", query="wait=20")

    assert (status, job["state"]) == (200, "scheduled")
    assert hall.now() == began


def test_seats_are_given_back() -> None:
    hall = Hall()

    for number in range(5):
        job_id = hall.office.enqueue(number, delayMs=1_000)
        assert hall.office.ask(f"GET /jobs/{job_id}", query="wait=20")[1]["state"] == "completed"


def test_seats_of_the_dead_are_free_again() -> None:
    hall = Hall()
    until = hall.now() + timedelta(seconds=20)
    for name in ("one", "two"):
        hall.permits.take("http:wait", Holder(job_id=name, token=name, until=until), 2)
    hall.office.ward.clock.advance(timedelta(seconds=31))

    with hall.seats.taken(timedelta(seconds=20)) as is_free:
        assert is_free


class Silent(InMemoryPermits):
    """Permits that nobody can ask for, or give back."""

    def __init__(self, *, from_first: bool) -> None:
        super().__init__()
        self._from_first = from_first

    def take(self, name: str, holder: Holder, limit: int) -> Permitted:
        if self._from_first:
            raise StoreUnavailableError
        return super().take(name, holder, limit)

    def release(self, name: str, holder: Holder) -> Permitted:
        raise StoreUnavailableError


@pytest.mark.parametrize("from_first", [True, False])
def test_silence_of_the_store_costs_the_wait_at_most(*, from_first: bool) -> None:
    seats = Seats(Silent(from_first=from_first), Hall().office.ward.clock, limit=2)

    with seats.taken(timedelta(seconds=1)) as is_free:
        assert is_free is not from_first


@pytest.mark.parametrize("wait", ["26", "-1", "x"])
def test_patience_is_bounded(wait: str) -> None:
    hall = Hall()

    status, problem = hall.office.ask(f"GET /jobs/{hall.office.enqueue(1)}", query=f"wait={wait}")

    assert (status, problem["field"]) == (400, "query.wait")


@pytest.mark.parametrize("waiters", [-1, 101])
def test_number_of_seats_is_bounded(waiters: int) -> None:
    with pytest.raises(WorkerlessError, match=f"waiters must be 0 to 100, got {waiters}"):
        HttpSettings(waiters=waiters)
