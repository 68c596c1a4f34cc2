"""What must hold of a batch once its world is quiet."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.batches import BATCH, CALLBACKS, Batches
from tests.simulation.history import History, Note, Raised, Rest, Wrote
from workerless.membership import read_membership
from workerless.workflow.batch import tally
from workerless.workflow.mark import Mark, mark_of, member_id
from workerless.workflow_ports import Container


def problems(batches: Batches, history: History) -> list[str]:
    """Every promise that was broken."""
    found = [f"raised: {one}" for one in history.of(Raised)]
    (rest,) = history.of(Rest)
    if not rest.is_quiet:
        return [*found, "still busy at the end"]
    # Also past its time: what it came to can still be seen.
    batch = batches.ground.containers._roots.get(BATCH)  # noqa: SLF001
    if batch is None:
        return [*found, *(["filled, and not there"] if batches.is_filled else [])]
    return [
        *found,
        *_of_marks(batches, batch),
        *_of_end(batches, batch, history),
        *_of_filling(batches, batch),
    ]


def _marks(batches: Batches, batch: Container) -> dict[tuple[str, str], Mark]:
    pages = batches.ground.containers.read_pages(BATCH, list(batch.pages))
    return {(page.page, slot): mark for page in pages if page for slot, mark in page.marks.items()}


def _of_marks(batches: Batches, batch: Container) -> Iterator[str]:
    """Each slot says what its job's record says."""
    marks = _marks(batches, batch)
    if len(marks) != batch.total:
        yield f"{batch.total} members, {len(marks)} marks"
    for record in batches.ground.store.records():
        if record.member_of is None:
            continue
        place = read_membership(record.member_of)
        mark = marks.get((place.page, place.slot))
        if mark is None:
            yield f"{record.job_id} is a member, its slot is empty"
        elif not record.state.is_terminal:
            yield f"{record.job_id} is {record.state} for ever"
        elif (mark.generation, mark.state) != (record.generation, mark_of(record).state):
            yield f"{record.job_id} is {record.state}, its slot says {mark}"


def _of_end(batches: Batches, batch: Container, history: History) -> Iterator[str]:
    """It ended, once all members had, and told so once."""
    count = tally(batch.total, _marks(batches, batch).values())
    trouble = count.failed + count.cancelled
    wanted = "completed_with_errors" if trouble else "completed"
    is_gone = batch.expires_at is not None and batch.expires_at <= batches.ground.now
    if batch.is_open or not (batch.state == wanted or is_gone) or not batch.is_done:
        yield f"it is {batch.state} with {count}, waiting for {batch.open_pages}"
    if any(batches.ends):
        yield f"it ended before {batches.ends}"
    made = Counter(one.after.job_id for one in history.of(Wrote) if one.before is None)
    times = {name: made[member_id(BATCH, f"1:{name}")] for name in CALLBACKS}
    if max(times.values()) > 1 or times["on_completion"] != 1:
        yield f"callbacks were made {times}"
    if (not trouble and not is_gone and not times["on_success"]) or (
        trouble and not times["on_first_failure"]
    ):
        yield f"it is {count}, and callbacks were made {times}"


def _of_filling(batches: Batches, batch: Container) -> Iterator[str]:
    """Whoever was told that all are members finds each, once."""
    if not batches.is_filled:
        return
    pages = [page for page, size in batch.pages.items() if size]
    members = [one for page in pages for one in batches.ground.containers.members(BATCH, page)]
    wanted = {*(job.text for job in batches.jobs), *batches.grown}
    allowed = wanted | {job.text for job in batches.late}
    if len(set(members)) < len(members) or not wanted <= set(members) <= allowed:
        yield f"members are {members}"


def repairs(history: History) -> int:
    """How often the sweeper said that it repaired something."""
    return sum("workflow.repaired" in one.text for one in history.of(Note))
