"""One workflow in a world that goes wrong, and what people do about it."""

import json
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import repeat
from random import Random

from tests.simulation.conductor import Conductor
from tests.simulation.ground import Ground
from tests.simulation.history import Note, Raised
from tests.simulation.job import Act, Task
from tests.simulation.process import Process
from tests.simulation.run_shapes import BATCH
from workerless.enqueueing import Options
from workerless.errors import WorkerlessError
from workerless.orchestration.start import new_container
from workerless.run_handle import Run
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import member_id
from workerless.workflow.wire import write_definition

RUN = "run"
_PAUSE, _SUCCESSION = timedelta(seconds=2), timedelta(seconds=20)
_TRIES = 3
# Those of its world are mostly spent by the time that a run is retried.
_FAULTS = 5


@dataclass(slots=True, kw_only=True)
class Runs:
    """A run of ``definition``.

    It is cancelled and retried at these times, if then it can be; ``late`` texts are those of jobs
    that somebody adds to its batch meanwhile. ``is_started`` tells that whoever started it knows
    that it was, ``taken`` are the late ones of which their maker knows the same, ``is_cancelled``
    that who cancelled it does. ``given`` is as
    ``Pen`` has it, ``scripts`` what the handlers of all jobs do.
    """

    ground: Ground
    definition: Definition
    given: dict[str, str]
    dice: Random
    scripts: MutableMapping[str, Iterator[Act]]
    cancels: Sequence[timedelta] = ()
    retries: Sequence[timedelta] = ()
    late: Sequence[str] = ()
    is_started: bool = False
    taken: list[str] = field(default_factory=list)
    is_cancelled: bool = False
    conductor: Conductor = field(init=False)

    def __post_init__(self) -> None:
        rng = self.ground.rng
        self.conductor = Conductor(ground=self.ground, has_time=lambda: rng.random() < 0.9)

    def start(self) -> None:
        """Put it all on the agenda."""
        self.conductor.start()
        self.ground.after(timedelta(0), self._begin)
        for text in self.late:
            soon = timedelta(milliseconds=self.dice.randrange(60_000))
            self.ground.after(soon, partial(self._grow, text))
        for at in self.cancels:
            self.ground.after(at, self._cancel)
        for at in self.retries:
            self.ground.after(at, self._retry)

    def _begin(self, tries: int = 6) -> None:
        """Who dies at it has a successor, who does the same."""
        self._do("starter", self._start)
        if not self.is_started and tries:
            self.ground.after(_SUCCESSION, lambda: self._succeed(tries - 1))

    def _succeed(self, tries: int) -> None:
        if not self.is_started:
            self._begin(tries)

    def _start(self, process: Process) -> None:
        world = self.conductor.orchestra(process)
        new = new_container(self.definition, RUN, now=process.now())
        world.containers.create(new, json.dumps(write_definition(self.definition)))
        world.order(RUN)
        self.is_started = True

    def _grow(self, text: str) -> None:
        def add(process: Process) -> None:
            wanted = [(Task(text=text, padding=""), Options(job_id=text))]
            crowd = member_id(RUN, f"1:{BATCH}")
            self.conductor.batching(process).add(crowd, self.ground.job_type, wanted)
            self.taken.append(text)

        self._do("grower", add)

    def _cancel(self) -> None:
        compensate = self.dice.random() < 0.7

        def cancel(process: Process) -> None:
            self._run(process).cancel(compensate=compensate)
            self.is_cancelled = True

        self._do("caller", cancel)

    def _retry(self) -> None:
        """It, or a part of it; mostly what made it fail was mended before."""
        self.ground.faults.budget += _FAULTS
        nodes = self.definition.nodes
        steps = self.dice.sample([node.name for node in nodes], self.dice.randint(0, 1))
        is_whole, is_mended = self.dice.random() < 0.3, self.dice.random() < 0.7
        ended = self.ground.containers.list(Kind.WORKFLOW, "failed").found
        parts = sorted(one.container_id for one in ended if one.member_of)
        part = self.dice.choice(parts) if parts and self.dice.random() < 0.3 else None

        def retry(process: Process) -> None:
            run = self._run(process)
            if part:
                replace(run, id=part).retry()
            elif is_whole:
                run.retry_all()
            else:
                run.retry(*steps)
            if is_mended:
                self.scripts.update({text: repeat(Act.SUCCEED) for text in self.scripts})

        self._do("caller", retry)

    def _run(self, process: Process) -> Run:
        return Run(id=RUN, world=self.conductor.orchestra(process))

    def _do(self, name: str, what: Callable[[Process], None]) -> None:
        """Some tries of one process: who gets no answer asks again."""
        process = self.conductor.process(name)

        def body() -> None:
            for _ in range(_TRIES):
                try:
                    what(process)
                except WorkerlessError as error:
                    self.ground.tell(Note(text=f"{process.name}: {error}"))
                    process.sleep(_PAUSE)
                except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
                    self.ground.tell(Raised(by=process.name, error=repr(error)))
                    return
                else:
                    return

        process.start(body)
