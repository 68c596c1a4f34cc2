"""A world in which runs of workflows go wrong: orchestrators race and die, marks come late, twice
or never. Each event is one atomic step, chosen at random; a sweeper looks when nothing else moves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from workerless.errors import WorkflowStateError
from workerless.workflow.advance import CallOff, Decision, Start, advance
from workerless.workflow.command import cancelled
from workerless.workflow.control import (
    INSIDE,
    UNDO,
    Cancel,
    Control,
    Phase,
    told_around,
)
from workerless.workflow.definition import Definition, Task
from workerless.workflow.mark import Mark, SlotState, member_id

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEGUN = ("running", "retrying")


@dataclass(kw_only=True)
class Job:
    """``state`` is waiting, running, retrying, or a SlotState that it ended in."""

    job_id: str
    container: str
    slot: str
    state: str = "waiting"
    generation: int = 1
    began: bool = False
    ended_at: datetime = NOON
    put_at: int = 0
    begun_at: int | None = None
    finished_at: int | None = None
    called_off: bool = False

    @property
    def has_ended(self) -> bool:
        return self.state in {one.value for one in SlotState}

    @property
    def mark(self) -> Mark:
        state = SlotState(self.state) if self.has_ended else SlotState.STARTED
        return Mark(generation=self.generation, state=state, at=self.ended_at, began=self.began)


@dataclass(kw_only=True)
class Item:
    """One container as it is stored."""

    container_id: str
    definition: Definition
    control: Control = field(default_factory=Control)
    marks: dict[str, Mark] = field(default_factory=dict)
    version: int = 0
    parent: tuple[str, str] | None = None
    changed_at: datetime = NOON


class World:
    """``outcome`` says how a job ends that nobody calls off: by the id of the job."""

    def __init__(
        self, definition: Definition, random: Random, outcome: Callable[[Job], SlotState]
    ) -> None:
        self.random = random
        self.outcome = outcome
        self.items = {"run": Item(container_id="run", definition=definition)}
        self.jobs: dict[str, Job] = {}
        self.tick = 0
        self.looks: list[Iterator[None]] = []
        self.news: list[tuple[str, str, Mark]] = []
        self.order("run")

    def play(self, events: int = 3_000) -> None:
        """Until nothing moves any more, and the sweeper finds nothing to do."""
        for _ in range(events):
            if not self.step() and not self.sweep():
                return
        raise AssertionError("it goes on for ever")

    def play_on(self, events: int, *, redriving: float) -> None:
        """So many events, while somebody now and then redrives a job that failed."""
        for _ in range(events):
            failed = [job for job in self.jobs.values() if job.state == "failed"]
            if failed and self.random.random() < redriving:
                self.redrive(self.random.choice(failed))
            if not self.step():
                self.sweep()

    def step(self) -> bool:
        moves: list[Callable[[], None]] = [self.look] * (2 * bool(self.looks))
        moves += [self.tell] * (2 * bool(self.news))
        moves += [partial(self.work, job) for job in self.jobs.values() if not job.has_ended]
        if not moves:
            return False
        self.tick += 1
        self.random.choice(moves)()
        return True

    def now(self) -> datetime:
        """Clocks differ by more than a job takes."""
        return NOON + timedelta(seconds=self.tick + self.random.randint(-20, 20))

    def order(self, container: str, lost: frozenset[str] = frozenset()) -> None:
        self.looks.append(self.orchestrate(container, lost))

    def look(self) -> None:
        """One orchestrator does its next step, or dies."""
        chosen = self.random.choice(self.looks)
        if self.random.random() < 0.05 or next(chosen, self) is self:
            self.looks.remove(chosen)

    def orchestrate(self, container: str, lost: frozenset[str]) -> Iterator[None]:
        while True:
            item = self.items[container]
            version, control, marks = item.version, item.control, dict(item.marks)
            yield
            is_left = self.is_left(item)
            decision = advance(item.definition, control, marks, lost=lost, is_left=is_left)
            if (decision.control or decision.starts) and not self.write(item, version, decision):
                continue
            yield
            yield from self.act(item, decision)
            lost = frozenset()
            self.tell_around(item)
            if decision.control is None or decision.control.phase is Phase.ENDED:
                return

    def is_left(self, item: Item) -> bool:
        while item.parent is not None:
            item = self.items[item.parent[0]]
            if item.control.undo or item.control.cancel:
                return True
        return False

    def write(self, item: Item, version: int, decision: Decision) -> bool:
        if item.version != version:
            return False
        item.version += 1
        if decision.control:
            item.control, item.changed_at = decision.control, self.now()
        for start in decision.starts:
            self.mark(item.container_id, start.slot, started(self.now()))
        return True

    def act(self, item: Item, decision: Decision) -> Iterator[None]:
        for start in decision.starts:
            self.start(item, start)
            yield
        for off in decision.call_off:
            self.call_off(item, off)
            yield

    def start(self, item: Item, start: Start) -> None:
        member = member_id(item.container_id, start.slot)
        if start.part is None:
            assert start.undoes
            child = self.items[member_id(item.container_id, start.undoes)]
            self.cancel(child, Cancel(reason="undone", slot=start.slot))
        elif isinstance(start.part, Task):
            job = Job(job_id=member, container=item.container_id, slot=start.slot, put_at=self.tick)
            self.jobs.setdefault(member, job)
        else:
            child = Item(
                container_id=member,
                definition=start.part,
                parent=(item.container_id, start.slot),
            )
            self.items.setdefault(member, child)
            self.order(member)

    def call_off(self, item: Item, off: CallOff) -> None:
        member = member_id(item.container_id, off.slot)
        if child := self.items.get(member):
            self.cancel(child, Cancel(reason=off.reason, compensate=off.compensate))
        elif job := self.jobs.get(member):
            if job.state in ("waiting", "retrying"):
                self.end(job, SlotState.CANCELLED)
            job.called_off = job.called_off or off.if_running

    def cancel(self, item: Item, cancel: Cancel) -> None:
        try:
            after = cancelled(item.control, cancel)
        except WorkflowStateError:
            return
        if after != item.control:
            item.control = after
            item.version += 1
            self.order(item.container_id)

    def work(self, job: Job) -> None:
        """It begins, tries again, or ends; some end without having begun."""
        if job.state == "waiting" and self.random.random() < 0.9:
            job.state, job.began = "running", True
            job.begun_at = self.tick
        elif job.state in BEGUN and self.random.random() < 0.3:
            job.state = "retrying"
        elif job.called_off and self.random.random() < 0.7:
            self.end(job, SlotState.CANCELLED)
        else:
            self.end(job, self.outcome(job))

    def end(self, job: Job, state: SlotState) -> None:
        if state not in (SlotState.FAILED, SlotState.CANCELLED):
            job.began, job.begun_at = True, job.begun_at or self.tick
        job.state, job.ended_at, job.finished_at = state.value, self.now(), self.tick
        for _ in range(self.random.choice([0, 1, 1, 1, 2])):
            self.news.append((job.container, job.slot, job.mark))

    def redrive(self, job: Job) -> None:
        job.state, job.generation = "waiting", job.generation + 1
        self.news.append((job.container, job.slot, job.mark))

    def tell(self) -> None:
        """A mark arrives, in any order."""
        container, slot, mark = self.news.pop(self.random.randrange(len(self.news)))
        self.mark(container, slot, mark)
        self.order(container)

    def mark(self, container: str, slot: str, mark: Mark) -> None:
        marks = self.items[container].marks
        if mark.is_after(marks.get(slot)):
            marks[slot] = mark

    def tell_around(self, item: Item) -> None:
        if item.parent is not None:
            container, slot = item.parent
            told = told_around(item.control, item.marks, slot, item.changed_at)
            self.news.append((container, *told))

    def sweep(self) -> bool:
        """Tells what marks do not tell, and has everything looked at that could go on."""
        self.tick += 1
        before = [(item.version, dict(item.marks)) for item in self.items.values()]
        count = len(self.items), len(self.jobs)
        for item in list(self.items.values()):
            lost = frozenset(slot for slot in item.marks if not self.repair(item, slot))
            for _ in self.orchestrate(item.container_id, lost):
                pass
        for _ in range(len(self.news)):
            self.tell()
        after = [(item.version, dict(item.marks)) for item in self.items.values()]
        return (before, count) != (after, (len(self.items), len(self.jobs)))

    def repair(self, item: Item, slot: str) -> bool:
        """Whether there is something in this slot; its mark is set right."""
        member = member_id(item.container_id, slot)
        if job := self.jobs.get(member):
            self.mark(item.container_id, slot, job.mark)
        elif child := self.items.get(member.removesuffix(INSIDE)):
            is_undone = child.control.cancel is not None and child.control.cancel.slot is not None
            if slot.endswith(INSIDE) and not is_undone:
                return False
            where, mark = told_around(child.control, child.marks, slot, child.changed_at)
            if where == slot:
                self.mark(item.container_id, slot, mark)
        else:
            return False
        return True

    def forward(self) -> list[Job]:
        return [job for job in self.jobs.values() if not job.slot.endswith(UNDO)]


def started(at: datetime) -> Mark:
    return Mark(generation=1, state=SlotState.STARTED, at=at)
