"""What holds of every world, however it was played."""

from tests.property.workflow.world import Item, Job, World
from workerless.workflow.compensation import ancestors
from workerless.workflow.control import INSIDE, UNDO, Ending, Phase
from workerless.workflow.definition import OnFailure, Task
from workerless.workflow.mark import member_id

WELL = ("completed", "completed_with_errors", "discarded")


def check_nothing_waits(world: World) -> None:
    assert all(item.control.phase is Phase.ENDED for item in world.items.values())
    assert all(job.has_ended for job in world.jobs.values())


def check_parents_came_first(world: World) -> None:
    """A job was made only once all that it waits for had ended, and ended well."""
    for job in world.forward():
        item = world.items[job.container]
        node = item.definition.by_name[step_of(job.slot)]
        for name in node.after:
            parent = world.jobs.get(member_id(item.container_id, f"{epoch_of(job.slot)}:{name}"))
            if parent and parent.generation == 1:
                assert parent.finished_at is not None
                assert parent.finished_at <= job.put_at
                goes_on = item.definition.by_name[name].on_failure is OnFailure.IGNORE
                assert goes_on or parent.state in WELL


def check_what_was_done_is_made_good(world: World) -> None:
    """In each container that was undone all that began and can be made good, and nothing else."""
    for item in world.items.values():
        must = {slot for slot in item.marks if must_undo(world, item, slot)}
        done = {
            slot.removesuffix(UNDO)
            for slot in item.marks
            if slot.endswith(UNDO) and not slot.endswith(INSIDE)
        }
        assert done == must, item


def must_undo(world: World, item: Item, slot: str) -> bool:
    if "-" in slot or not is_undone(item):
        return False
    node = item.definition.by_name[step_of(slot)]
    if node.compensate is None:
        return False
    member = member_id(item.container_id, slot)
    if isinstance(node.part, Task):
        return world.jobs[member].began
    return any(job.began for job in world.jobs.values() if is_below(world, job, member))


def is_undone(item: Item) -> bool:
    cancel = item.control.cancel
    if cancel is not None:
        return cancel.compensate
    return item.control.state is Ending.FAILED


def is_below(world: World, job: Job, container: str) -> bool:
    above = job.container
    while above != container:
        parent = world.items[above].parent
        if parent is None:
            return False
        above = parent[0]
    return True


def check_nested_parts_are_undone_with_what_is_around_them(world: World) -> None:
    for item in world.items.values():
        if item.parent and is_undone(world.items[item.parent[0]]):
            ended_well = item.control.state in (Ending.COMPLETED, Ending.COMPLETED_WITH_ERRORS)
            assert not (ended_well and any(made_good_by(item))), item


def made_good_by(item: Item) -> list[str]:
    """Steps whose effects somebody should have made good."""
    return [
        step_of(slot)
        for slot, mark in item.marks.items()
        if "-" not in slot and mark.began and item.definition.by_name[step_of(slot)].compensate
    ]


def check_order_of_compensation(world: World) -> None:
    """One after another, each before those of all it came of, once nothing else ran.

    What a person redrove runs when he says so.
    """
    for item in world.items.values():
        once = [job for job in jobs_of(world, item) if job.generation == 1]
        undone = [job for job in once if job.slot.endswith(UNDO)]
        undone.sort(key=lambda job: job.put_at)
        above = ancestors(item.definition)
        for number, job in enumerate(undone):
            for later in undone[number + 1 :]:
                assert job.finished_at is not None
                assert job.finished_at <= later.put_at
                assert step_of(job.slot) not in above[step_of(later.slot)]
        for job in once:
            if undone and not job.slot.endswith(UNDO):
                assert job.finished_at is not None
                assert job.finished_at <= undone[0].put_at


def jobs_of(world: World, item: Item) -> list[Job]:
    return [job for job in world.jobs.values() if job.container == item.container_id]


def step_of(slot: str) -> str:
    return slot.partition(":")[2].partition("-")[0]


def epoch_of(slot: str) -> str:
    return slot.partition(":")[0]
