"""What must hold of a workflow once its world is quiet."""

import json
from collections.abc import Iterator

from tests.simulation.history import History, Note, Raised, Rest, Started
from tests.simulation.job import Task
from tests.simulation.run_checkers import check
from tests.simulation.run_oracle import expected, expected_of_batch
from tests.simulation.run_replay import Replay, control_of, is_over, is_run
from tests.simulation.runs import RUN, Runs
from workerless.membership import read_membership
from workerless.payload import digest
from workerless.workflow.batch import read_batch
from workerless.workflow.control import Ending, Phase
from workerless.workflow.definition import Node
from workerless.workflow.mark import Mark, SlotState, mark_of, member_id
from workerless.workflow_ports import Container


def problems(runs: Runs, history: History) -> list[str]:
    """Every promise that was broken."""
    seen = Replay(ground=runs.ground)
    found = [f"raised: {one}" for one in history.of(Raised)]
    for event in seen.events(history):
        found += check(event, seen)
    (rest,) = history.of(Rest)
    if not rest.is_quiet:
        return [*found, "still busy at the end"]
    # Also what is past its time: what it came to can still be seen.
    seen.containers = dict(runs.ground.containers._roots)  # noqa: SLF001
    if RUN not in seen.containers:
        return [*found, *(["started, and not there"] if runs.is_started else [])]
    return [
        *found,
        *_of_marks(seen),
        *(one for container in seen.containers.values() for one in _of_end(container, seen)),
        *_of_data(runs, rest, history),
        *_of_late(runs, seen),
        *(["its cancel was lost"] if runs.is_cancelled and RUN not in seen.left else []),
    ]


def _marks(container: Container, seen: Replay) -> dict[tuple[str, str], Mark]:
    if is_run(container):
        return {("root", slot): mark for slot, mark in container.marks.items()}
    pages = seen.ground.containers.read_pages(container.container_id, list(container.pages))
    return {(page.page, slot): mark for page in pages if page for slot, mark in page.marks.items()}


def _of_marks(seen: Replay) -> Iterator[str]:
    """Each slot says what its job's record says."""
    marks = {ref: _marks(container, seen) for ref, container in seen.containers.items()}
    for record in seen.records.values():
        if record.member_of is None:
            continue
        place = read_membership(record.member_of)
        mark = marks[place.container_id].get((place.page, place.slot))
        if not record.state.is_terminal:
            yield f"{record.job_id} is {record.state} for ever"
        elif mark is None:
            yield f"{record.job_id} is a member, its slot is empty"
        elif (mark.generation, mark.state) != (record.generation, mark_of(record).state):
            yield f"{record.job_id} is {record.state}, its slot says {mark}"


def _of_end(container: Container, seen: Replay) -> Iterator[str]:
    """It ended, as its members did unless somebody said otherwise."""
    where = f"{container.container_id} is {container.state}"
    if container.is_open:
        yield f"{where} and open: {container.control}"
        return
    yield from _of_members(container, seen)
    wanted = _wanted(container, seen)
    if container.state != wanted and not _is_left(container, seen):
        yield f"{where}, wanted {wanted}: {container.control} {_marks(container, seen)}"


def _of_members(container: Container, seen: Replay) -> Iterator[str]:
    """Where it ended well, each member of a group was made, and each step after its parents."""
    if container.state not in ("completed", "completed_with_errors"):
        return
    definition, ref = seen.definition(container), container.container_id
    if not is_run(container):
        members = {node.name: member_id(ref, f"1:{node.name}") for node in definition.nodes}
        lost = [name for name, member in members.items() if seen.state(member) is None]
        if lost:
            yield f"{ref} ended without {lost}"
        return
    control, decided = control_of(container), seen.decided[ref]
    for node in definition.nodes:
        slots = [control.slot(name) for name in (*node.after, node.name)]
        order = [decided.index(slot) for slot in slots if slot in decided]
        if slots[-1] in decided and max(order) != order[-1]:
            yield f"{ref}: {node.name} is older than what it depends on"


def _wanted(container: Container, seen: Replay) -> Ending | str:
    if not is_run(container):
        batch = read_batch(json.loads(container.control))
        states = [mark.state for mark in _marks(container, seen).values()]
        return Ending.CANCELLED if batch.cancel else expected_of_batch(batch.on_failure, states)
    control = control_of(container)
    if control.phase is not Phase.ENDED:
        return f"ended, and not {control.phase}"
    if control.cancel:
        return Ending.CANCELLED

    def outcome(node: Node) -> SlotState | None:
        slot = control.slot(node.name)
        told = container.marks.get(slot)
        return seen.state(member_id(container.container_id, slot)) or (told.state if told else None)

    return Ending.FAILED if control.undo else expected(seen.definition(container), outcome)


def _is_left(container: Container, seen: Replay) -> bool:
    """Whether it stays as it is, whatever becomes of its jobs: it, or what is around it, is over.

    So it is past its time, and once what it did was made good.
    """
    around = container
    while True:
        if around.expires_at is not None and around.expires_at <= seen.ground.now:
            return True
        if around.member_of is None:
            return False
        place = read_membership(around.member_of)
        around = seen.containers[place.container_id]
        if is_run(around):
            control = control_of(around)
            is_older = place.slot != control.slot(place.slot.partition(":")[2])
            if is_over(control) or is_older:
                return True
        elif read_batch(json.loads(around.control)).cancel:
            return True


def _of_data(runs: Runs, rest: Rest, history: History) -> Iterator[str]:
    """Each job was given what its workflow says; texts that a person gave one are handed on."""
    by_hand = {text for text in rest.texts.values() if text.startswith("text of ")}
    for one in history.of(Started):
        if one.text in by_hand:
            continue
        texts = {runs.given.get(one.text, ""), *by_hand}
        allowed = {digest(Task(text=one.text, padding=text).model_dump()) for text in texts}
        if one.digest not in allowed:
            yield f"{one.job_id} was not given {texts}"


def _of_late(runs: Runs, seen: Replay) -> Iterator[str]:
    """Whoever was told that his job is a member of the batch finds it there."""
    for text in runs.taken:
        record = seen.records.get(text)
        if record is None or record.member_of is None:
            yield f"{text} was taken, and is no member"


def repairs(history: History) -> int:
    """How often the sweeper said that it repaired something."""
    return sum("workflow.repaired" in one.text for one in history.of(Note))
