"""Several drivers of one bulk operation at once: each stops at every call, and may die there.

Only one ever works, and the dice say which: a schedule repeats exactly by its seed.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

from tests.simulation.crew import Hand
from tests.unit.operations.ward import DEAD, Ward
from workerless.errors import StoreUnavailableError, WorkerlessError
from workerless.ledger import Canary, Kind, Operation, Stand
from workerless.operations.driver import advance
from workerless.states import State

MOST_DRIVERS = 3
_STEPS = 400


class Killed(BaseException):
    """The process is gone; its next call, and every one after, meets it."""


class Driver:
    """One process that drives the operation on."""

    def __init__(self, ward: Ward, operation_id: str, rng: Random) -> None:
        self._rng = rng
        self._is_dead = False
        desk = ward.at(
            store=_Stopping(ward.desk.store, self._call),
            ledger=_Stopping(ward.ledger, self._call),
            queue=_Stopping(ward.desk.queue, self._call),
        )
        self.hand = Hand(lambda: self._work(operation_id, desk))

    def kill(self) -> None:
        self._is_dead = True
        self.hand.resume()

    def _work(self, operation_id: str, desk: Any) -> None:
        with suppress(Killed, WorkerlessError):
            advance(operation_id, desk, lambda: True, driver=desk.new_id())

    def _call(self, effect: Callable[[], Any]) -> Any:
        """Others go on before and after it; it may fail, having been carried out or not."""
        self._stop()
        if self._rng.random() < 0.02:
            raise StoreUnavailableError("throttled")
        answer = effect()
        self._stop()
        if self._rng.random() < 0.02:
            raise StoreUnavailableError("no answer")
        return answer

    def _stop(self) -> None:
        self.hand.pause()
        if self._is_dead:
            raise Killed


class _Stopping:
    """A port whose every call is the driver's to make."""

    def __init__(self, port: Any, call: Callable[[Callable[[], Any]], Any]) -> None:
        self._port = port
        self._call = call

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **options: self._call(lambda: method(*args, **options))


class Schedule:
    """One operation over some dead jobs, with all that may happen around it."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.ward = Ward()
        self.ids = self.ward.kill(self.rng.randrange(1, 25))
        self.incurable = set(self.rng.sample(range(25), k=self.rng.choice([0, 0, 0, 2, 8])))
        self.ward.is_ill = self.incurable.__contains__
        self.by_hand: set[str] = set()
        self.operation = self.ward.operations.bulk.start(
            Kind.RETRY,
            DEAD,
            rate=self.rng.choice([None, 3.0, 7.0]),
            canary=self.rng.choice([None, None, Canary(stages=(1, 5))]),
        )
        self.drivers: list[Driver] = []

    def run(self) -> Operation:
        """Play it, then have a driver without faults bring it to its end."""
        for _ in range(_STEPS):
            self._step()
        for driver in self.drivers:
            driver.kill()
        return self._finish()

    def _step(self) -> None:
        (what,) = self.rng.choices(
            [self._go_on, self._start, self._kill, self._play, self._meddle, self._abort],
            weights=[60, 4, 2, 4, 1, 1],
        )
        what()
        self.drivers = [one for one in self.drivers if not one.hand.is_done]

    def _go_on(self) -> None:
        if self.drivers:
            self.rng.choice(self.drivers).hand.resume()

    def _start(self) -> None:
        if len(self.drivers) < MOST_DRIVERS:
            driver = Driver(self.ward, self.operation.operation_id, self.rng)
            self.drivers.append(driver)
            driver.hand.resume()

    def _kill(self) -> None:
        if self.drivers:
            self.rng.choice(self.drivers).kill()

    def _play(self) -> None:
        self.ward.stage.advance(timedelta(seconds=self.rng.choice([0, 1, 6])))

    def _meddle(self) -> None:
        """Somebody retries a job by hand, once it is failed."""
        job_id = self.rng.choice(self.ids)
        try:
            self.ward.operations.dead.retry(job_id)
        except WorkerlessError:
            return
        self.by_hand.add(job_id)

    def _abort(self) -> None:
        bulk, operation_id = self.ward.operations.bulk, self.operation.operation_id
        stand = bulk.get(operation_id).stand
        if stand is Stand.RUNNING:
            bulk.abort(operation_id, why="wait")
        elif stand is not Stand.DONE:
            bulk.resume(operation_id)

    def _finish(self) -> Operation:
        bulk, operation_id = self.ward.operations.bulk, self.operation.operation_id
        for _ in range(200):
            operation = bulk.get(operation_id)
            if operation.stand is Stand.DONE:
                break
            bulk.resume(operation_id)
            bulk.advance(operation_id, lambda: True)
            self.ward.stage.advance(timedelta(seconds=6))
        self.ward.stage.run_all()
        return bulk.get(operation_id)


def broken(schedule: Schedule, operation: Operation) -> list[str]:
    """The promises that a schedule shows to be broken."""
    ward, ours = schedule.ward, operation.operation_id
    touched = schedule.by_hand
    records = {record.job_id: record for record in ward.records()}
    wrong = []
    if operation.stand is not Stand.DONE:
        wrong.append(f"it is {operation.stand} in the end")
    for job_id in schedule.ids:
        record = records[job_id]
        if job_id not in touched and (record.redriven_by, record.generation) != (ours, 2):
            wrong.append(f"{job_id}: {record.redriven_by}, generation {record.generation}")
        if record.state not in {State.COMPLETED, State.FAILED}:
            wrong.append(f"{job_id} is {record.state} in the end")
    counts, number = operation.counts, len(schedule.ids)
    # One that was retried by hand may have been gone before the search came to it.
    least = number - len(touched)
    if not least <= counts.done <= counts.seen <= number or counts.failed:
        wrong.append(f"{counts} of {number}, {len(touched)} by hand")
    well = [n for n in range(number) if n not in schedule.incurable]
    if sorted(set(ward.ran)) != well or len(ward.ran) != len(well):
        wrong.append(f"ran {sorted(ward.ran)} of {well}")
    return wrong
