"""People who decide about failed jobs: their processes are slow and die as all others.

Whoever got no answer asks again under the same name; whoever died may have a successor who does. So
does a bulk operation, and a person at the command line.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import repeat
from random import Random
from typing import Any, cast

from tests.simulation.ground import Ground
from tests.simulation.history import Decided, Raised
from tests.simulation.job import Act, Task
from tests.simulation.orchestra import orchestra_of
from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_operator import RemoteOperatorStore
from workerless.errors import WorkerlessError
from workerless.operations.desk import Desk
from workerless.operations.editing import edited
from workerless.operations.ending import discard_many
from workerless.operations.outcome import Outcome
from workerless.operations.redriving import retry_many
from workerless.payload import digest
from workerless.record import Record
from workerless.states import State
from workerless.testing.directory import InMemoryDirectory
from workerless.tracking import Tracking

_VISITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (30, 60, 90, 180, 600, 3_600, 6 * 3_600, 86_400, 8 * 86_400, 20 * 86_400)
)
_TRIES = 3
_PAUSE, _SUCCESSION = timedelta(seconds=2), timedelta(minutes=2)
# Faults for each visit: those of the schedule are mostly spent by then.
_FAULTS = 5
_BIG = 200_000


class Verb(StrEnum):
    """What a person may decide."""

    RETRY = "retry"
    LATER = "retry in a moment"
    PARK = "retry much later"
    EDIT = "edit"
    DISMISS = "dismiss"


_VERBS = (*(Verb.RETRY,) * 2, Verb.LATER, Verb.PARK, Verb.EDIT, *(Verb.DISMISS,) * 3)
_DELAYS = {
    Verb.LATER: (timedelta(seconds=30),),
    Verb.PARK: (timedelta(minutes=20),),
    # What is left of the life before has time to come back.
    Verb.EDIT: (timedelta(0), timedelta(minutes=3), timedelta(minutes=10)),
}


@dataclass(slots=True, kw_only=True)
class Request:
    """One decision about some jobs, as they were seen."""

    by: str
    verb: Verb
    seen: list[Record]
    delay: timedelta
    task: Task | None = None
    is_answered: bool = False

    @property
    def is_forced(self) -> bool:
        """Whether a job runs again that its workflow has left behind; without dice of its own."""
        return int(self.by.rpartition("-")[2]) % 3 == 0

    def carry_out(self, desk: Desk) -> list[Outcome]:
        match self.verb:
            case Verb.DISMISS:
                return discard_many(self.seen, desk, by=self.by, why="not wanted")
            case Verb.EDIT:
                return [self._edit(record, desk) for record in self.seen]
            case _:
                return retry_many(
                    self.seen, desk, by=self.by, delay=self.delay, force=self.is_forced
                )

    def _edit(self, record: Record, desk: Desk) -> Outcome:
        data = self.task.model_dump() if self.task else {}
        edit = edited(record, data, desk, delay=self.delay)
        (outcome,) = retry_many([record], desk, by=self.by, delay=self.delay, edit=edit)
        return outcome


@dataclass(slots=True, kw_only=True)
class Operators:
    """All that people do in one schedule. ``texts`` are those of new payloads, by digest.

    ``dice`` are their own: what else a seed means has nothing to do with them.
    """

    ground: Ground
    scripts: MutableMapping[str, Iterator[Act]]
    dice: Random
    texts: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Put the visits of this schedule on the agenda; one in four has none."""
        # Without records each zombie leaves a letter of its own: retried often they are thousands.
        is_tracked = self.ground.job_type.tracking is not Tracking.OFF
        for _ in range(self.dice.choice((0, 1, 3, 5) if is_tracked else (0, 1, 2))):
            self.ground.after(self.dice.choice(_VISITS), self._visit)

    def _visit(self) -> None:
        """Look at what has failed, and decide about most of it."""
        self.ground.faults.budget += _FAULTS
        store, name = self.ground.store, self.ground.job_type.name
        listed = store.list(State.FAILED, job_type=name, limit=200).records
        seen = [one for one in store.get_many([one.job_id for one in listed]) if one]
        chosen = [one for one in seen if self.dice.random() < 0.8]
        if chosen and self.dice.random() < 0.3:
            self._begin(self._request(Verb.RETRY, chosen))
            return
        for record in chosen:
            for _ in range(self.dice.choice((1, 1, 1, 1, 2))):  # now and then two at once
                self._begin(self._request(self.dice.choice(_VERBS), [record]))

    def _request(self, verb: Verb, seen: list[Record]) -> Request:
        by = f"request-{self.ground.number()}"
        delay = self.dice.choice(_DELAYS.get(verb, (timedelta(0),)))
        task = self._task(by) if verb is Verb.EDIT else None
        return Request(by=by, verb=verb, seen=seen, delay=delay, task=task)

    def _task(self, by: str) -> Task:
        text = f"text of {by}"
        task = Task(text=text, padding="x" * (_BIG if self.dice.random() < 0.2 else 0))
        self.texts[digest(task.model_dump())] = text
        self.scripts[text] = repeat(self.dice.choice((Act.SUCCEED, Act.SUCCEED, Act.RAISE)))
        return task

    def _begin(self, request: Request) -> None:
        process = Process(name=f"operator-{self.ground.number()}", ground=self.ground)
        if self.dice.random() < 0.7:
            self.ground.after(_SUCCESSION, lambda: self._succeed(request))
        process.start(lambda: self._work(request, process))

    def _succeed(self, request: Request) -> None:
        if not request.is_answered:
            self._begin(request)

    def _work(self, request: Request, process: Process) -> None:
        for _ in range(_TRIES):
            try:
                outcomes = request.carry_out(self._desk(request, process))
            except WorkerlessError:
                process.elapse(_PAUSE)
                continue
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
                self.ground.tell(Raised(by=process.name, error=repr(error)))
                return
            request.is_answered = True
            for one in outcomes:
                what = Decided(by=request.by, job_id=one.job_id, result=one.result.value)
                self.ground.tell(what)
                self.ground.history.cells["decided", f"{request.verb}: {one.result}"] += 1
            return

    def _desk(self, request: Request, process: Process) -> Desk:
        job_type = self.ground.job_type
        directory = InMemoryDirectory()
        directory.add(job_type.name, job_type.tracking, job_type.lanes)
        unused = cast("Any", None)  # decisions about single jobs need neither
        return Desk(
            store=RemoteOperatorStore(process),
            queue=cast("Any", RemoteQueue(process, sends_as="send again")),
            blobs=RemoteBlobs(process),
            directory=directory,
            clock=process,
            telemetry=process,
            ledger=unused,
            platform=unused,
            aliases=unused,
            pulses=unused,
            settings=unused,
            breakers=unused,
            stands=unused,
            scheduler=unused,
            events=unused,
            orchestra=lambda: orchestra_of(process),
            by=lambda: request.by,
            new_id=lambda: request.by,
            declared=lambda _: job_type,
            kick=lambda: None,
        )
