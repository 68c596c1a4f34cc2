"""A history of workflows read again from its beginning: who was what, before each event."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.ground import Ground
from tests.simulation.history import Event, History, Saved, Started, Wrote
from workerless.record import Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.workflow.control import Control, read_control
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import SlotState, mark_of
from workerless.workflow.wire import read_definition
from workerless.workflow_ports import Container


@dataclass(slots=True, kw_only=True)
class Replay:
    """``been`` are the states that a member was in, ``begun`` who was claimed by a worker.

    ``started`` are those whose handler was called.
    ``decided`` has the slots that somebody decided to start, in the order of that, by container;
    ``left`` are workflows that make good what they did, or were cancelled, by when that began.
    """

    ground: Ground
    now: datetime = START
    records: dict[str, Record] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    been: defaultdict[str, set[SlotState]] = field(default_factory=lambda: defaultdict(set))
    begun: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    left: dict[str, datetime] = field(default_factory=dict)
    decided: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def events(self, history: History) -> Iterator[Event]:
        """Each with everything as it was before it."""
        for seconds, event in history.events:
            self.now = START + timedelta(seconds=seconds)
            yield event
            match event:
                case Wrote():
                    self._note_job(event)
                case Saved(before=before, after=after):
                    known = before.marks if before else ()
                    self._note_left(after)
                    self.decided[after.container_id] += [x for x in after.marks if x not in known]
                    self.containers[after.container_id] = after
                    self.been[after.container_id].add(state_of(after))
                case Started(job_id=job_id):
                    self.started.add(job_id)
                case _:
                    pass

    def _note_left(self, run: Container) -> None:
        if is_run(run) and is_over(control_of(run)):
            self.left.setdefault(run.container_id, self.now)
        else:
            self.left.pop(run.container_id, None)

    def _note_job(self, wrote: Wrote) -> None:
        record = wrote.after
        self.records[record.job_id] = record
        self.been[record.job_id].add(mark_of(record).state)
        if wrote.call == "claim" and record.state is State.PROCESSING:
            self.begun.add(record.job_id)

    def definition(self, container: Container) -> Definition:
        """Of what is no longer there, too."""
        told = self.ground.containers.definition(container)
        assert told is not None
        return read_definition(json.loads(told))

    def state(self, member: str) -> SlotState | None:
        """How a job or container is now; None where there is none."""
        if record := self.records.get(member):
            return mark_of(record).state
        return state_of(self.containers[member]) if member in self.containers else None

    def runs(self, member: str) -> bool:
        """Whether it has not ended, in its first life: later ones are a person's word."""
        if record := self.records.get(member):
            return record.generation == 1 and not record.state.is_terminal
        container = self.containers.get(member)
        told = json.loads(container.control) if container else {}
        return container is not None and container.is_open and told.get("generation") == 1

    def jobs_of(self, member: str) -> set[str]:
        """The job of this id, or all that are in the container."""
        inside = self.within(member)
        return {member} | {
            job_id
            for job_id, record in self.records.items()
            if record.member_of and record.member_of.partition("/")[0] in inside
        }

    def around(self, container: Container) -> list[str]:
        """What it is in, however deep."""
        found = list[str]()
        while container.member_of is not None:
            found.append(container.member_of.partition("/")[0])
            container = self.containers[found[-1]]
        return found

    def within(self, container_id: str) -> set[str]:
        """A container, and all that are in it."""
        found = {container_id} & self.containers.keys()
        while True:
            more = {
                one
                for one, container in self.containers.items()
                if container.member_of and container.member_of.partition("/")[0] in found
            }
            if more <= found:
                return found
            found |= more


def is_over(control: Control) -> bool:
    """Whether it does not go on any more, unless somebody retries it."""
    return bool(control.undo or control.cancel)


def control_of(container: Container) -> Control:
    """That of a workflow."""
    return read_control(json.loads(container.control))


def state_of(container: Container) -> SlotState:
    """As the container around knows it."""
    return SlotState.STARTED if container.is_open else SlotState(container.state)


def is_run(container: Container) -> bool:
    return container.kind is Kind.WORKFLOW
