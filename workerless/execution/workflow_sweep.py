"""The sweeper's look at batches and workflows: what a mark or an order was lost of goes on.

* A member has ended and its slot does not say so: who ended it died in between, or could not reach
  the store. Its record is read, and the slot marked.
* A slot has no job: whoever added it died before there was a record, or its id was another's. After
  an hour it counts as failed; in a workflow the step is started again. A page that was announced
  and never written is given up.
* A batch is held open by somebody who has not been seen for long: it is let go.

Then the orchestrator is told to look, whether or not anything was found: its order may be what was
lost. A container is looked at again after an eighth of its age, 1 to 15 minutes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from workerless.errors import RecordUnreadableError, StoreUnavailableError
from workerless.execution.reading import Absent, read_each
from workerless.frozen import frozen
from workerless.membership import ROOT, Membership
from workerless.orders import Order, Orders
from workerless.ports import Clock, Store, Telemetry
from workerless.record import Record
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState, mark_of, member_id
from workerless.workflow_ports import Container, ContainerStore, DueContainer, Page, Told

_PAGE = 100
# Of one batch in one look: some thousands of records.
PAGES_A_LOOK = 25
_SOON, _LATE = timedelta(minutes=1), timedelta(minutes=15)
# Longer than any invocation, and than any call of a client that is still at it.
PAGE_PATIENCE = timedelta(minutes=20)
MEMBER_PATIENCE = timedelta(hours=1)
STEP_PATIENCE = timedelta(minutes=1)


@frozen
class WorkflowSweeper:
    """The world of one sweep. ``until`` is when it stops looking for more."""

    containers: ContainerStore
    store: Store
    orders: Orders
    clock: Clock
    telemetry: Telemetry
    until: datetime

    def has_time(self) -> bool:
        return self.clock.now() < self.until


def look_again_at(container: Container, now: datetime) -> datetime:
    """When to look next at a container that is looked at now."""
    return now + min(max((now - container.created_at) / 8, _SOON), _LATE)


def sweep_workflows(shard: int, sweeper: WorkflowSweeper) -> int:
    """Look at all containers of one shard that are due to be looked at; how many were.

    A store that does not answer ends it, and one container's trouble is its own.
    """
    looked: set[str] = set()
    try:
        while sweeper.has_time():
            now = sweeper.clock.now()
            due = sweeper.containers.due(shard, before=now, limit=_PAGE)
            new = [one for one in due if one.container_id not in looked]
            for one in new:
                if sweeper.has_time():
                    _look(one, sweeper)
            looked |= {one.container_id for one in new}
            if not new:  # none is left, or the index shows what has moved already
                break
    except StoreUnavailableError as error:
        sweeper.telemetry.trouble("store_unavailable", error, shard=shard)
    return len(looked)


def _look(due: DueContainer, sweeper: WorkflowSweeper) -> None:
    """Put off first: of two sweepers one wins, and who dies meanwhile costs one more wait."""
    try:
        (container,) = sweeper.containers.read_many([due.container_id])
        if container is None:
            return
        now = sweeper.clock.now()
        pages = _pages_to_look_at(container)
        until = look_again_at(container, now)
        looked_to = pages[-1] if pages else None
        if not sweeper.containers.postpone(due, until=until, looked_to=looked_to):
            return
        is_batch = container.kind is Kind.BATCH
        order = _mend_batch(container, pages, sweeper) if is_batch else _mend(container, sweeper)
        sweeper.orders.send(order, sweeper.telemetry)
    except RecordUnreadableError as error:
        sweeper.telemetry.trouble("container_unreadable", error, container_id=due.container_id)


def _pages_to_look_at(container: Container) -> list[str]:
    """Some of those that are open, after those of the last look."""
    names, last = sorted(container.open_pages), container.looked_to or ""
    turned = [name for name in names if name > last] + [name for name in names if name <= last]
    return turned[:PAGES_A_LOOK]


def _mend_batch(batch: Container, names: Sequence[str], sweeper: WorkflowSweeper) -> list[Order]:
    now, containers = sweeper.clock.now(), sweeper.containers
    done: Counter[str] = Counter()
    children: list[str] = []
    pages = containers.read_pages(batch.container_id, names)
    for name, page in zip(names, pages, strict=True):
        if page is None or page.is_void:  # void already where who gave it up died in between
            if now - batch.open_pages[name] > PAGE_PATIENCE:
                containers.void_page(batch.container_id, name, at=now)
                done["voided"] += 1
        elif page.is_done:
            containers.close_page(batch.container_id, name)
            done["closed"] += 1
        else:
            told, ended = _unmarked(batch, page, sweeper)
            done["marked"] += sum(one.is_new for one in containers.mark_many(told))
            children += ended
    if batch.held_until is not None and batch.held_until <= now:
        containers.let_go(batch.container_id, at=now)
        done["let_go"] += 1
    _tell(batch, done, sweeper)
    return [Order(container_id=one) for one in (batch.container_id, *children)]


def _unmarked(
    batch: Container, page: Page, sweeper: WorkflowSweeper
) -> tuple[list[Told], list[str]]:
    """What slots of this page have not been told, and containers that are to tell it themselves."""
    now = sweeper.clock.now()
    ids = sweeper.containers.members(batch.container_id, page.page)
    open_slots = {
        str(slot): job_id
        for slot, job_id in enumerate(ids)
        if not (known := page.marks.get(str(slot))) or not known.has_ended
    }
    told: list[Told] = []
    children: list[str] = []
    for slot, found in _found(open_slots, sweeper).items():
        place = Membership(container_id=batch.container_id, page=page.page, slot=slot)
        is_ours = not isinstance(found, Absent) and found.member_of == str(place)
        if isinstance(found, Container) and is_ours:
            children += [] if found.is_open else [found.container_id]
        elif isinstance(found, Record) and is_ours:
            told += _ended(place, found)
        elif isinstance(found, Record) and _is_in(batch, found):
            left = Mark(generation=0, state=SlotState.DISCARDED, at=page.opened_at)
            told.append(Told(membership=place, mark=left))
        elif found is not Absent.UNREADABLE and now - page.opened_at > MEMBER_PATIENCE:
            told.append(Told(membership=place, mark=_lost(page.marks.get(slot), page.opened_at)))
    return told, children


def _mend(flow: Container, sweeper: WorkflowSweeper) -> list[Order]:
    now, ref = sweeper.clock.now(), flow.container_id
    started = {
        slot: member_id(ref, slot)
        for slot, mark in flow.marks.items()
        if not mark.has_ended and now - mark.at > STEP_PATIENCE
    }
    told: list[Told] = []
    lost: list[str] = []
    children: list[str] = []
    for slot, found in _found(started, sweeper).items():
        place = Membership(container_id=ref, page=ROOT, slot=slot)
        if isinstance(found, Container):
            children += [] if found.is_open else [found.container_id]
        elif isinstance(found, Record):
            told += _ended(place, found) if found.member_of == str(place) else []
        elif found is Absent.GONE:
            lost.append(slot)
    marked = sum(one.is_new for one in sweeper.containers.mark_many(told))
    _tell(flow, Counter(marked=marked, lost=len(lost)), sweeper)
    return [
        Order(container_id=ref, lost=tuple(sorted(lost))),
        *(Order(container_id=one) for one in children),
    ]


def _found(
    members: Mapping[str, str], sweeper: WorkflowSweeper
) -> dict[str, Record | Container | Absent]:
    """What there is under each id, by slot; without those that the store gave no answer about."""
    answers = read_each(
        list(members.values()), sweeper.store, sweeper.telemetry, has_time=sweeper.has_time
    )
    found: dict[str, Record | Container | Absent] = {
        slot: answer for slot, answer in zip(members, answers, strict=True) if answer is not None
    }
    gone = [slot for slot, answer in found.items() if answer is Absent.GONE]
    children = sweeper.containers.read_many([members[slot] for slot in gone])
    nested = {slot: one for slot, one in zip(gone, children, strict=True) if one is not None}
    return {**found, **nested}


def _ended(place: Membership, record: Record) -> Iterable[Told]:
    return [Told(membership=place, mark=mark_of(record))] if record.state.is_terminal else []


def _lost(known: Mark | None, since: datetime) -> Mark:
    """Of a life that never was, so that the job, should it come after all, stands."""
    generation = known.generation if known is not None else 0
    return Mark(generation=generation, state=SlotState.FAILED, at=since)


def _is_in(batch: Container, record: Record) -> bool:
    """Whether the job has a place in this batch: who added it came again with other company."""
    return (record.member_of or "").startswith(f"{batch.container_id}/")


def _tell(container: Container, done: Counter[str], sweeper: WorkflowSweeper) -> None:
    told = {name: number for name, number in done.items() if number}
    if told:
        sweeper.telemetry.transition(
            {
                "event": "workflow.repaired",
                "container_id": container.container_id,
                "kind": container.kind.value,
                **told,
            }
        )
