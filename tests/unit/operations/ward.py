"""A stage in memory whose one job type is ill until it is cured, and an operator at a desk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from workerless import Fixed, Jitter, JobType, Payload
from workerless.deployed import MappingFacts
from workerless.execution.context import JobContext
from workerless.ledger import Operation
from workerless.message import Message
from workerless.operations.desk import Desk
from workerless.operations.drive import drive
from workerless.operations.opened import opened
from workerless.operations.service import Operations
from workerless.payload import digest
from workerless.record import Record
from workerless.search import Search
from workerless.states import State
from workerless.testing.aliases import InMemoryAliases
from workerless.testing.clock import FakeClock
from workerless.testing.ledger import InMemoryLedger
from workerless.testing.platform import InMemoryPlatform
from workerless.testing.pulse import InMemoryPulses
from workerless.testing.sample import a_record, an_error
from workerless.testing.stage import InMemoryStage
from workerless.tracking import Tracking
from workerless.worker import worker


class Patient(Payload):
    """One patient; ``number`` tells them apart."""

    number: int


def a_job_type(**options: Any) -> JobType[Patient, None]:
    return JobType(
        name="visit",
        payload=Patient,
        retry=Fixed(attempts=1, delay=timedelta(seconds=1), jitter=Jitter.NONE),
        timeout=timedelta(seconds=5),
        batch_size=10,
        **options,
    )


VISIT = a_job_type()
LOOSE = a_job_type(tracking=Tracking.OFF)
DEAD = Search(job_type="visit")


class Ward:
    """Jobs fail while ``is_ill`` says so of their number. ``ran`` are the runs that went well."""

    def __init__(self, job_type: JobType[Patient, None] = VISIT) -> None:
        self.clock = FakeClock()
        self.job_type = job_type
        self.is_ill: Callable[[int], bool] = lambda _: True
        self.ran: list[int] = []
        self.kicks = 0
        self.declared = {job_type.name: job_type}
        self.stage = InMemoryStage(worker(job_type)(self._visit), clock=self.clock)
        self.ledger = InMemoryLedger()
        self.aliases = InMemoryAliases()
        self._ids = count(1)
        doubles = self.stage.doubles
        self.desk = Desk(
            store=doubles.store,
            ledger=self.ledger,
            queue=doubles.queue,
            blobs=doubles.blobs,
            directory=doubles.directory,
            clock=self.clock,
            telemetry=doubles.telemetry,
            platform=InMemoryPlatform(),
            aliases=self.aliases,
            pulses=InMemoryPulses(),
            settings=doubles.flow.settings,
            breakers=doubles.flow.breakers,
            stands=doubles.stands,
            scheduler=doubles.scheduler,
            events=doubles.events,
            orchestra=doubles.orchestra,
            by=lambda: "ada",
            new_id=lambda: f"id-{next(self._ids):06d}",
            declared=self.declared.get,
            kick=self._kick,
        )
        self.operations = opened(self.desk)

    def kill(self, number: int, **options: Any) -> list[str]:
        """So many jobs fail for good; their ids."""
        before = {record.job_id for record in self.records()}
        self.stage.client.enqueue_many(
            self.job_type, [Patient(number=n) for n in range(number)], **options
        )
        self.stage.run_all()
        self.clock.advance(timedelta(seconds=1))
        return [one.job_id for one in self.records() if one.job_id not in before]

    def file(self, number: int, *, body: str | None = None) -> None:
        """So many dead jobs without a record of their own, as the sweeper files their letters."""
        now = self.clock.now()
        store = self.desk.store
        for n in range(number):
            told = (
                body
                if body is not None
                else Message(job_id=f"filed-{n}", job_type="visit", data={"number": n}).body()
            )
            record = a_record(
                f"filed-{n}",
                job_type="visit",
                body=told,
                digest=digest({"number": n}),
                enqueued_at=now,
                updated_at=now,
                run_at=now,
            )
            store.put_many([record])
            store.give_up(
                record,
                at=now,
                reason="undeliverable",
                error=an_error(0),
                expires_at=now + timedelta(days=7),
            )
        self.clock.advance(timedelta(seconds=1))

    def payload(self, number: int) -> Patient:
        return Patient(number=number)

    def cure(self) -> None:
        self.is_ill = lambda _: False

    def drive(self, seconds: float = 50) -> Operation:
        """One call of the operator function; the only operation, after it."""
        until = self.clock.now() + timedelta(seconds=seconds)
        drive(self.desk, lambda: self.clock.now() < until)
        (operation, *_) = self.ledger.operations().items
        return operation

    def records(self) -> list[Record]:
        return self.stage.doubles.store.records()

    def states(self) -> dict[State, int]:
        states = [record.state for record in self.records()]
        return {state: states.count(state) for state in set(states)}

    @property
    def mapping(self) -> MappingFacts:
        """The one through which Lambda reads its queue."""
        (mapping,) = self.desk.platform.mappings(self.desk.directory.find(self.job_type.name))
        return mapping

    def letters(self) -> int:
        return len(self.stage.dead_letters(self.job_type))

    def open(self, desk: Desk) -> Operations:
        return opened(desk)

    def at(self, **changes: Any) -> Desk:
        """Another operator's desk."""
        return replace(self.desk, **changes)

    def _visit(self, patient: Patient, job: JobContext) -> None:
        if self.is_ill(patient.number):
            raise OSError(f"patient {patient.number} is ill")
        self.ran.append(patient.number)

    def _kick(self) -> None:
        self.kicks += 1
