"""Batches in a world that goes wrong: who fills one, and who moves it on, die and sleep as others.

The maker, the orchestrator and the sweeper are the library's own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from tests.simulation.fault import CALL
from tests.simulation.ground import Ground
from tests.simulation.history import Note, Raised
from tests.simulation.plan import JobPlan
from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_containers import RemoteContainers, RemoteOrders
from tests.simulation.remote_unique import RemoteUniqueStore
from workerless.batching import Batching
from workerless.enqueueing import Options
from workerless.errors import BatchClosedError, WorkerlessError
from workerless.execution.workflow_sweep import WorkflowSweeper
from workerless.membership import read_membership
from workerless.orchestration.look import look
from workerless.orchestration.world import Orchestra
from workerless.orders import Orders, read_order
from workerless.outbox import Outbox
from workerless.workflow.batch import (
    ON_COMPLETION,
    ON_FIRST_FAILURE,
    ON_SUCCESS,
    BatchControl,
    write_batch,
)
from workerless.workflow.callbacks import write_callbacks
from workerless.workflow.definition import Kind, Task
from workerless.workflow_ports import Container

BATCH = "batch-1"
CALLBACKS = {name: f"callback {name}" for name in (ON_SUCCESS, ON_COMPLETION, ON_FIRST_FAILURE)}
_HELD = timedelta(hours=2)
_REDELIVERY, _DELIVERIES = timedelta(seconds=30), 4
_FOREVER = timedelta(days=10_000)


@dataclass(slots=True, kw_only=True)
class Batches:
    """One batch and what happens to it.

    ``ends`` are the
    members that had not ended, each time that somebody wrote that the batch has. ``is_filled``
    tells that its maker came to the end of its work; ``refused`` that it came too late. ``late``
    jobs come from elsewhere, when its maker may have let go; those that were taken are ``grown``.
    """

    ground: Ground
    jobs: Sequence[JobPlan]
    late: Sequence[JobPlan]
    chunk: int
    ends: list[list[str]] = field(default_factory=list)
    is_filled: bool = False
    refused: list[str] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Put it on the agenda."""
        self.ground.on_order = self._deliver
        self.ground.after(timedelta(0), self._fill)
        for job in self.late:
            soon = timedelta(milliseconds=self.ground.rng.randrange(30_000))
            self.ground.after(soon, partial(self._grow, job))
        for job in (*self.jobs, *self.late):
            if job.cancelled_after is not None:
                self.ground.after(job.cancelled_after, partial(self._cancel, job))

    def _grow(self, job: JobPlan) -> None:
        """One try: who gets no answer does not know whether it is a member."""
        process = Process(name=f"grower-{self.ground.number()}", ground=self.ground)

        def body() -> None:
            wanted = [(job.task(job.text), Options(job_id=job.text))]
            try:
                self._batching(process).add(BATCH, self.ground.job_type, wanted)
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))
            else:
                self.grown.append(job.text)

        process.start(body)

    def _cancel(self, job: JobPlan) -> None:
        process = Process(name=f"caller-{self.ground.number()}", ground=self.ground)

        def body() -> None:
            now = process.now()
            try:
                RemoteStore(process).cancel(
                    job.text, at=now, reason="not wanted", expires_at=now + _FOREVER
                )
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))

        process.start(body)

    def sweeper(self, process: Process) -> WorkflowSweeper:
        return WorkflowSweeper(
            containers=RemoteContainers(process),
            store=RemoteStore(process),
            orders=_orders(process),
            clock=process,
            telemetry=process,
            until=process.now() + timedelta(seconds=50),
        )

    def _fill(self, tries: int = 6) -> None:
        """A maker that dies has a successor, who does it all again under the same ids."""
        process = Process(name=f"maker-{self.ground.number()}", ground=self.ground)

        def body() -> None:
            while not self._add_all(process):
                process.sleep(timedelta(seconds=2))

        process.start(body)
        if process.is_dead and tries:
            self.ground.after(timedelta(seconds=10), lambda: self._fill(tries - 1))

    def _add_all(self, process: Process) -> bool:
        """Whether nothing is left to do."""
        batching = self._batching(process)
        try:
            batching.containers.create(_container(self.ground.now), _callbacks())
            for start in range(0, len(self.jobs), self.chunk):
                some = self.jobs[start : start + self.chunk]
                wanted = [(one.task(one.text), Options(job_id=one.text)) for one in some]
                batching.add(BATCH, self.ground.job_type, wanted)
            batching.let_go(BATCH)
        except BatchClosedError as error:  # it slept for hours, and the sweeper let its batch go
            self.refused.append(str(error))
            return True
        except WorkerlessError as error:
            self.ground.tell(Note(text=f"{process.name}: {error}"))
            return False
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
            self.ground.tell(Raised(by=process.name, error=repr(error)))
            return True
        self.is_filled = True
        return True

    def _batching(self, process: Process) -> Batching:
        outbox = Outbox(
            store=RemoteStore(process),
            unique=RemoteUniqueStore(process),
            queue=RemoteQueue(process, sends_as="send"),
            directory=self.ground.directory(),
            blobs=RemoteBlobs(process),
            clock=process,
        )
        return Batching(
            containers=RemoteContainers(process),
            store=RemoteStore(process),
            blobs=RemoteBlobs(process),
            outbox=outbox,
            orders=_orders(process),
            clock=process,
            new_id=lambda: f"job-{self.ground.number()}",
        )

    def _deliver(self, body: str, receives: int = 1) -> None:
        """SQS delivers an order soon, again when it came to nothing, and at last no more."""
        order = read_order(body)
        process = Process(name=f"orchestrator-{self.ground.number()}", ground=self.ground)
        is_done: list[bool] = []

        def body_of_process() -> None:
            try:
                look(order, self._orchestra(process), is_repeated=receives > 1)
                is_done.append(True)
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))
            except Exception as error:  # noqa: BLE001 -- as above
                self.ground.tell(Raised(by=process.name, error=repr(error)))

        def again() -> None:
            if not is_done and receives < _DELIVERIES:
                self._deliver(body, receives + 1)

        soon = timedelta(milliseconds=self.ground.rng.randrange(2_000))
        self.ground.after(soon, lambda: process.start(body_of_process))
        self.ground.after(soon + _REDELIVERY, again)

    def _orchestra(self, process: Process) -> Orchestra:
        return Orchestra(
            containers=cast("Any", Watched(process, self)),
            store=RemoteStore(process),
            blobs=RemoteBlobs(process),
            queue=RemoteQueue(process, sends_as="send"),
            directory=self.ground.directory(),
            orders=_orders(process),
            clock=process,
            telemetry=process,
            has_time=lambda: True,
        )

    def note_end(self) -> None:
        """Somebody wrote that the batch has ended."""
        self.ends.append([one for one in self._members() if not self._has_ended(one)])

    def _members(self) -> list[str]:
        records = self.ground.store.records()
        return [record.job_id for record in records if record.member_of is not None]

    def _has_ended(self, job_id: str) -> bool:
        """One that was redriven ended before, one that came too late was told to have failed."""
        record = self.ground.record(job_id)
        if record is None or record.state.is_terminal or record.generation > 1:
            return True
        place = read_membership(record.member_of)
        (page,) = self.ground.containers.read_pages(BATCH, [place.page])
        mark = page.marks.get(place.slot) if page else None
        return mark is not None and mark.generation == 0


def _orders(process: Process) -> Orders:
    return Orders(queue=RemoteOrders(process), address="workflows")


class Watched(RemoteContainers):
    """Notes when somebody writes that the batch has ended."""

    def __init__(self, process: Process, batches: Batches) -> None:
        super().__init__(process)
        self._batches = batches

    def save(self, container: Container, marks: Any = None) -> bool:
        is_saved = self._call("save", CALL)(container, marks)
        if is_saved and not container.is_open:
            self._batches.note_end()
        return bool(is_saved)


def _callbacks() -> str:
    told = {
        name: Task(job_type="task", version=1, attempts=3, data={"text": text, "padding": ""})
        for name, text in CALLBACKS.items()
    }
    return json.dumps(write_callbacks(told))


def _container(now: datetime) -> Container:
    """The same whoever makes it: a successor finds it, however late."""
    return Container(
        container_id=BATCH,
        name="batch",
        kind=Kind.BATCH,
        state="running",
        control=json.dumps(write_batch(BatchControl())),
        created_at=now,
        updated_at=now,
        held_until=now + _HELD,
    )
