"""One look at a batch: a group is filled, then its members are waited for; callbacks are made."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain

from workerless.errors import BatchClosedError, EnqueueRefusedError
from workerless.frozen import replace
from workerless.membership import Membership, read_membership
from workerless.orchestration.cancel import call_off_job, cancel
from workerless.orchestration.result import member_ids
from workerless.orchestration.start import make, open_part, post
from workerless.orchestration.tell import changed, keep_all, retire, tell_around
from workerless.orchestration.world import Orchestra, never_ran
from workerless.task_job import TaskJob
from workerless.workflow.batch import (
    BatchControl,
    BatchDecision,
    advance_batch,
    callbacks_made,
    mark_of_batch,
    read_batch,
    tally,
    write_batch,
)
from workerless.workflow.binding import bind
from workerless.workflow.control import Cancel
from workerless.workflow.definition import Definition, Node, Task
from workerless.workflow.mark import member_id
from workerless.workflow.page import in_pages
from workerless.workflow_ports import Container, Page, Told

# Members that are made before it is noted how far that went, in whole pages.
_AT_ONCE = 400


def look_at_batch(batch: Container, world: Orchestra) -> bool | None:
    """Whether to look again; None where somebody else decided meanwhile. Raises as ``post``."""
    control = read_batch(json.loads(batch.control))
    definition, callbacks = _made_with(batch, world)
    pages = world.containers.read_pages(batch.container_id, list(batch.pages))
    decision = advance_batch(
        tally(batch.total, [mark for page in pages if page for mark in page.marks.values()]),
        control,
        is_filled=batch.held_until is None,
        callbacks=frozenset(callbacks),
        about={"batch_id": batch.container_id, "description": batch.description},
    )
    after = _written(batch, control, decision, world)
    if after is None:
        return None
    control = decision.control or control
    if decision.fire and not _fire(decision.fire, callbacks, control, after, world):
        return None
    if decision.call_off:
        return _stop(decision, control, pages, after, world)
    if definition is not None and batch.held_until is not None:
        return _fill(definition, control, batch, world)
    _tell(after, control, world)
    if control.state is not None:
        retire(after, world)
    else:
        _wait_again(pages, batch, world)
    return False


def _wait_again(pages: Sequence[Page | None], batch: Container, world: Orchestra) -> None:
    """For pages that were closed late, by who saw the end of a member that is redriven by now.

    The sweeper looks at pages that are open only.
    """
    for page in pages:
        if page is not None and not page.is_done and page.page not in batch.open_pages:
            place = Membership(container_id=batch.container_id, page=page.page, slot="0")
            world.containers.reopen(place, at=world.clock.now())


def _made_with(batch: Container, world: Orchestra) -> tuple[Definition | None, Mapping[str, Task]]:
    """The definition of a group, and the callbacks of any other batch."""
    made = world.made_with(batch)
    return (made, {}) if isinstance(made, Definition) else (None, made)


def _written(
    batch: Container, before: BatchControl, decision: BatchDecision, world: Orchestra
) -> Container | None:
    if decision.control is None and decision.call_off == batch.is_stopping:
        return batch
    control = decision.control or before
    if before.state is not None and control.state is None:
        keep_all(batch, world)
    after = replace(_with(batch, control, world), is_stopping=decision.call_off)
    if not world.containers.save(after):
        return None
    if control.state is not None and control.state is not before.state:
        world.tell("workflow.ended", batch, state=control.state.value, total=batch.total)
    return after


def _with(batch: Container, control: BatchControl, world: Orchestra) -> Container:
    state = control.state.value if control.state else None
    return changed(batch, json.dumps(write_batch(control)), state, world.clock.now())


def _fire(
    names: Sequence[str],
    callbacks: Mapping[str, Task],
    control: BatchControl,
    batch: Container,
    world: Orchestra,
) -> bool:
    """Make these callbacks' jobs, and note it; False where the batch has changed meanwhile."""
    jobs: list[TaskJob] = []
    for name in names:
        part = bind(callbacks[name], {None: control.fired[name]})
        one = member_id(batch.container_id, f"1:{name}")
        try:
            jobs += [make(part, batch, one, None, world)] if isinstance(part, Task) else []
        except EnqueueRefusedError as error:
            fields = {"container_id": batch.container_id, "step": name}
            world.telemetry.trouble("step_refused", error, **fields)
    post(jobs, world)
    found = world.read(batch.container_id)
    if found is None:
        return False
    noted = callbacks_made(read_batch(json.loads(found.control)), names)
    told = json.dumps(write_batch(noted))
    return world.containers.save(replace(found, control=told))


def _stop(
    decision: BatchDecision,
    control: BatchControl,
    pages: Sequence[Page | None],
    batch: Container,
    world: Orchestra,
) -> bool:
    """Call off members that wait, or all, and make no more; whether to look again."""
    reason = control.cancel.reason if control.cancel else "another member failed"
    has_more = False
    for page in pages:
        if page is None or page.page not in batch.open_pages:
            continue
        if not world.has_time():
            return True
        ended = _call_off(page, batch, reason, world, if_running=decision.if_running)
        has_more = has_more or ended
    if batch.held_until is not None:
        world.containers.let_go(batch.container_id, at=world.clock.now())
        has_more = True
    return has_more


def _call_off(
    page: Page, batch: Container, reason: str, world: Orchestra, *, if_running: bool
) -> bool:
    ids = world.containers.members(batch.container_id, page.page)
    ended = {slot for slot, mark in page.marks.items() if mark.has_ended}
    left = [one for slot, one in enumerate(ids) if str(slot) not in ended]
    records = world.store.get_many(left) if left else []
    has_more = False
    for record in records:
        if record is not None:
            over = call_off_job(record, reason, world, if_running=if_running)
            has_more = has_more or over
    others = [one for one, record in zip(left, records, strict=True) if record is None]
    for part in world.containers.read_many(others) if others else []:
        if part is not None:
            cancel(part, Cancel(reason=reason), world)
    return has_more


def _fill(group: Definition, control: BatchControl, batch: Container, world: Orchestra) -> bool:
    """Make some more members; who dies before it is noted makes the same again."""
    ids, made = member_ids(batch, group), control.filled
    pages = _pages_from(ids, made)
    if pages:
        try:
            made += _make(group.nodes[made:], pages, batch, world)
        except BatchClosedError:  # called off
            return True
    found = world.read(batch.container_id)
    if found is None:
        return False
    noted = replace(read_batch(json.loads(found.control)), filled=made)
    is_noted = world.containers.save(replace(found, control=json.dumps(write_batch(noted))))
    if is_noted and made == len(ids):
        world.containers.let_go(batch.container_id, at=world.clock.now())
    return True


def _pages_from(ids: Sequence[str], first: int) -> list[tuple[str, ...]]:
    """Those that are made in one go, from the member ``first`` on."""
    found: list[tuple[str, ...]] = []
    at = 0
    for page in in_pages(ids):
        if first <= at < first + _AT_ONCE:
            found.append(page)
        at += len(page)
    return found


def _make(
    nodes: Sequence[Node],
    pages: Sequence[Sequence[str]],
    batch: Container,
    world: Orchestra,
) -> int:
    """Make the members of these pages, who are the first of ``nodes``; how many they are."""
    slots = chain.from_iterable(
        world.containers.add_pages(batch.container_id, pages, at=world.clock.now())
    )
    ids = list(chain.from_iterable(pages))
    jobs: list[TaskJob] = []
    told: list[Told] = []
    for node, one, slot in zip(nodes, ids, slots, strict=False):
        place = read_membership(slot)
        if isinstance(node.part, Definition):
            told += open_part(node.part, batch, one, place, world)
            continue
        try:
            jobs.append(make(node.part, batch, one, place, world))
        except EnqueueRefusedError as error:
            fields = {"container_id": batch.container_id, "step": node.name}
            world.telemetry.trouble("step_refused", error, **fields)
            told.append(never_ran(place, world.clock.now()))
    told += post(jobs, world)
    world.mark(told)
    return len(ids)


def _tell(batch: Container, control: BatchControl, world: Orchestra) -> None:
    tell_around(batch, None, mark_of_batch(control, batch.updated_at), world)
