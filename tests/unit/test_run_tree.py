"""Trees: what is told of parts that have not begun, were not looked into, or are batches."""

import json
from datetime import UTC, datetime

from tests.unit.workflow.shop import order, total
from workerless import Workflow, group, result_of, step
from workerless.run_status import RunStatus, run_status
from workerless.run_tree import Tree, parts_begun, tree_of
from workerless.workflow.compiling import definition_of
from workerless.workflow.control import Control, write_control
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.standing import Standing
from workerless.workflow_ports import Container

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_definition(members: int) -> Definition:
    """A group, and what adds it up."""
    fan = group(*(order.with_(order_id=str(n)) for n in range(members)))
    adding = total.with_(counts=result_of("fan").amount)
    return definition_of(Workflow("sum", step("fan", fan), step("total", adding)))


def a_status(definition: Definition, **marks: SlotState) -> RunStatus:
    container = Container(
        container_id="run",
        name="sum",
        kind=Kind.WORKFLOW,
        state="running",
        control=json.dumps(write_control(Control())),
        created_at=NOW,
        updated_at=NOW,
        marks={
            f"1:{name}": Mark(generation=1, state=state, at=NOW) for name, state in marks.items()
        },
    )
    return run_status(container, definition, ())


def part_of(tree: Tree, name: str) -> Tree:
    (part,) = [one.part for one in tree.branches if one.name == name]
    assert part
    return part


def test_part_that_has_not_begun_is_told_from_the_definition() -> None:
    definition = a_definition(3)

    tree = tree_of(a_status(definition), definition, {})

    fan = part_of(tree, "fan")
    assert (fan.id, fan.state, fan.total, fan.is_whole) == (None, "waiting", 3, True)
    assert [one.standing for one in fan.branches] == [Standing.WAITING] * 3
    assert [one.job_type for one in fan.branches] == ["shop.order"] * 3
    assert not list(parts_begun(a_status(definition), definition))


def test_part_that_was_not_looked_into_says_so() -> None:
    definition = a_definition(3)
    status = a_status(definition, fan=SlotState.STARTED)

    fan = part_of(tree_of(status, definition, {}), "fan")

    assert (fan.id, fan.state, fan.total, fan.is_whole) == ("run.1:fan", "started", 3, False)
    assert fan.branches == ()


def test_large_group_is_a_batch_without_branches() -> None:
    definition = a_definition(101)

    fan = part_of(tree_of(a_status(definition), definition, {}), "fan")

    assert (fan.kind, fan.total, fan.branches) == (Kind.BATCH, 101, ())


def test_parts_that_have_begun_are_named_with_what_they_are() -> None:
    definition = a_definition(3)

    found = dict(parts_begun(a_status(definition, fan=SlotState.STARTED), definition))

    assert found == {"run.1:fan": definition.by_name["fan"].part}


def test_steps_wait_for_what_their_definition_says() -> None:
    definition = a_definition(3)

    tree = tree_of(a_status(definition, fan=SlotState.COMPLETED), definition, {})

    assert {one.name: one.after for one in tree.branches} == {"fan": (), "total": ("fan",)}
    assert [one.id for one in tree.branches] == ["run.1:fan", None]
