"""Batches in a world that goes wrong: who fills one, and who moves it on, die and sleep as others.

The maker, the orchestrator and the sweeper are the library's own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.simulation.conductor import Conductor
from tests.simulation.ground import Ground
from tests.simulation.history import Note, Raised
from tests.simulation.plan import JobPlan
from tests.simulation.process import Process
from tests.simulation.remote import RemoteStore
from tests.simulation.remote_containers import RemoteContainers
from workerless.enqueueing import Options
from workerless.errors import BatchClosedError, WorkerlessError
from workerless.membership import read_membership
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
    conductor: Conductor = field(init=False)
    is_filled: bool = False
    refused: list[str] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        watched = partial(Watched, batches=self)
        self.conductor = Conductor(ground=self.ground, containers=watched)

    def start(self) -> None:
        """Put it on the agenda."""
        self.conductor.start()
        self.ground.after(timedelta(0), self._fill)
        for job in self.late:
            soon = timedelta(milliseconds=self.ground.rng.randrange(30_000))
            self.ground.after(soon, partial(self._grow, job))
        for job in (*self.jobs, *self.late):
            if job.cancelled_after is not None:
                self.ground.after(job.cancelled_after, partial(self._cancel, job))

    def _grow(self, job: JobPlan) -> None:
        """One try: who gets no answer does not know whether it is a member."""
        process = self.conductor.process("grower")

        def body() -> None:
            wanted = [(job.task(job.text), Options(job_id=job.text))]
            try:
                self.conductor.batching(process).add(BATCH, self.ground.job_type, wanted)
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))
            else:
                self.grown.append(job.text)

        process.start(body)

    def _cancel(self, job: JobPlan) -> None:
        process = self.conductor.process("caller")

        def body() -> None:
            now = process.now()
            try:
                RemoteStore(process).cancel(
                    job.text, at=now, reason="not wanted", expires_at=now + _FOREVER
                )
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))

        process.start(body)

    def _fill(self, tries: int = 6) -> None:
        """A maker that dies has a successor, who does it all again under the same ids."""
        process = self.conductor.process("maker")

        def body() -> None:
            while not self._add_all(process):
                process.sleep(timedelta(seconds=2))

        process.start(body)
        if process.is_dead and tries:
            self.ground.after(timedelta(seconds=10), lambda: self._fill(tries - 1))

    def _add_all(self, process: Process) -> bool:
        """Whether nothing is left to do."""
        batching = self.conductor.batching(process)
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


class Watched(RemoteContainers):
    """Notes when somebody writes that the batch has ended."""

    def __init__(self, process: Process, batches: Batches) -> None:
        super().__init__(process)
        self._batches = batches

    def save(self, container: Container, marks: Any = None) -> bool:
        is_saved = super().save(container, marks)
        if is_saved and not container.is_open:
            self._batches.note_end()
        return is_saved


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
