"""Random workflows, random ends, orchestrators that race and die: the laws hold of each."""

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from tests.property.workflow.laws import (
    WELL,
    check_nested_parts_are_undone_with_what_is_around_them,
    check_nothing_waits,
    check_order_of_compensation,
    check_parents_came_first,
    check_what_was_done_is_made_good,
)
from tests.property.workflow.plans import a_definition, expected, fates
from tests.property.workflow.world import Item, Job, World
from workerless.workflow.command import retried
from workerless.workflow.control import Cancel, Ending
from workerless.workflow.mark import SlotState, member_id

LAW = settings(deadline=None, max_examples=5_000 if NIGHTLY else 200)
seeds = st.integers(0, 10**9)
ENDED_WELL = (Ending.COMPLETED, Ending.COMPLETED_WITH_ERRORS)


def check(world: World) -> None:
    check_nothing_waits(world)
    check_parents_came_first(world)
    check_what_was_done_is_made_good(world)
    check_nested_parts_are_undone_with_what_is_around_them(world)
    check_order_of_compensation(world)


@LAW
@given(seeds, st.sampled_from([0.0, 0.1, 0.3]))
def test_run_ends_as_its_steps_do_in_whatever_order_they_are_told(
    seed: int, trouble: float
) -> None:
    random, fate = Random(seed), fates(seed, trouble)
    definition = a_definition(random)
    world = World(definition, random, fate)

    world.play()

    check(world)
    assert world.items["run"].control.state is expected(definition, fate)


@LAW
@given(seeds, st.integers(0, 60))
def test_run_that_is_cancelled_at_any_time_ends_and_is_made_good(seed: int, when: int) -> None:
    random = Random(seed)
    compensate = seed % 3 > 0
    world = World(a_definition(random), random, fates(seed, 0.1))
    for _ in range(when):
        world.step()
    run = world.items["run"]

    world.cancel(run, Cancel(reason="changed my mind", compensate=compensate))
    world.play()

    check(world)
    if run.control.cancel:
        assert run.control.state is Ending.CANCELLED


@LAW
@given(seeds)
def test_run_goes_on_once_all_that_failed_was_redriven_and_completes(seed: int) -> None:
    random = Random(seed)
    definition = a_definition(random, compensating=0)
    world = World(definition, random, fates(seed, 0.3, (SlotState.FAILED,)))
    world.play()

    world.outcome = well
    while failed := [job for job in world.jobs.values() if job.state == "failed"]:
        for job in failed:
            world.redrive(job)
            for _ in range(random.randint(0, 20)):
                world.step()
        world.play()

    check_nothing_waits(world)
    assert world.items["run"].control.state is Ending.COMPLETED
    assert all(slot_is_well(item, name) for item, name in last_slots(world))


@LAW
@given(seeds)
def test_run_that_has_made_good_stays_so_whatever_is_redriven_meanwhile(seed: int) -> None:
    random = Random(seed)
    world = World(a_definition(random), random, fates(seed, 0.2))
    world.play_on(600, redriving=0.05)
    before = {name: item.control for name, item in world.items.items() if item.control.undo}
    world.play()

    check_nothing_waits(world)
    check_order_of_compensation(world)
    for name, control in before.items():
        assert world.items[name].control.undo == control.undo
        assert world.items[name].control.generation == control.generation


@LAW
@given(seeds, st.booleans())
def test_retried_run_completes_with_each_step_once_in_its_last_epoch(
    seed: int,
    whole: bool,  # noqa: FBT001
) -> None:
    random = Random(seed)
    world = World(a_definition(random), random, fates(seed, 0.3))
    world.play()
    run = world.items["run"]
    assume(run.control.state is not Ending.COMPLETED)
    before = run.control
    step = run.definition.nodes[seed % len(run.definition.nodes)].name

    world.outcome = well
    run.control = retried(run.definition, before, run.marks, None if whole else [step])
    run.version += 1
    world.order("run")
    world.play()

    check_nothing_waits(world)
    check_parents_came_first(world)
    assert run.control.generation > before.generation
    assert run.control.epoch(step) > before.epoch(step)
    assert run.control.state in ENDED_WELL
    assert all(slot_is_well(item, name) for item, name in last_slots(world) if item is run)


@LAW
@given(seeds, st.integers(0, 60))
def test_run_that_fails_again_when_retried_has_made_good_every_epoch(seed: int, when: int) -> None:
    random = Random(seed)
    world = World(a_definition(random), random, fates(seed, 0.2))
    run = world.items["run"]
    for _ in range(when):
        world.step()
    world.cancel(run, Cancel(reason="leave it", compensate=False))
    world.play()
    assume(run.control.state not in ENDED_WELL)

    world.outcome = fates(seed + 1, 0.3)
    run.control = retried(run.definition, run.control, run.marks, None)
    run.version += 1
    world.order("run")
    world.play()
    assume(run.control.state is Ending.FAILED)

    check_nothing_waits(world)
    check_what_was_done_is_made_good(world)


def well(_: Job) -> SlotState:
    return SlotState.COMPLETED


def last_slots(world: World) -> list[tuple[Item, str]]:
    """Each step of each container that is still part of the run."""
    found, left = list[tuple[Item, str]](), [world.items["run"]]
    while left:
        item = left.pop()
        for node in item.definition.nodes:
            found.append((item, item.control.slot(node.name)))
            if child := world.items.get(member_id(item.container_id, found[-1][1])):
                left.append(child)
    return found


def slot_is_well(item: Item, slot: str) -> bool:
    return slot in item.marks and item.marks[slot].state.value in WELL
