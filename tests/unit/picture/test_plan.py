"""Where boxes go: none on another, whatever the graph; what is shown of parts."""

from itertools import combinations

import pytest
from hypothesis import given

from tests.unit.picture.test_layer import graphs
from tests.unit.picture.trees import a_batch, a_tree, within
from workerless.frozen import replace
from workerless.picture.plan import Box, Plan, plan_of

CHAIN = {f"s{n}": [f"s{n - 1}"] if n else [] for n in range(100)}
FAN = {"first": [], **{f"m{n}": ["first"] for n in range(98)}, "last": [f"m{n}" for n in range(98)]}


def is_apart(one: Box, two: Box) -> bool:
    beside = one.x + one.width <= two.x or two.x + two.width <= one.x
    return beside or one.y + one.height <= two.y or two.y + two.height <= one.y


def check(plan: Plan) -> None:
    """All is within, and nothing on another; edges end at boxes and cross none."""
    for box in plan.boxes:
        assert box.x >= -0.01
        assert box.y >= -0.01
        assert box.x + box.width <= plan.width + 0.01
        assert box.y + box.height <= plan.height + 0.01
    assert all(is_apart(one, two) for one, two in combinations(plan.boxes, 2))
    for edge in plan.edges:
        assert len(edge) % 2 == 1
        for x, y in edge[1:-1]:
            assert not any(
                box.x < x < box.x + box.width and box.y < y < box.y + box.height
                for box in plan.boxes
            )


@given(graphs())
def test_no_box_lies_on_another_and_no_bend_in_a_box(after: dict[str, list[str]]) -> None:
    if after:
        check(plan_of(a_tree(after)))


@pytest.mark.parametrize("after", [CHAIN, FAN], ids=["chain", "fan"])
def test_hundred_steps_are_laid_along_the_shorter_way(after: dict[str, list[str]]) -> None:
    plan = plan_of(a_tree(after))

    check(plan)
    assert min(plan.width, plan.height) < 1_000
    assert max(plan.width, plan.height) < 11_000


def test_chain_is_one_straight_line() -> None:
    plan = plan_of(a_tree({"a": [], "b": ["a"], "c": ["b"]}))

    middles = {box.x + box.width / 2 if plan.is_down else box.y for box in plan.boxes}
    assert len(middles) == 1


def test_part_holds_the_boxes_of_its_steps() -> None:
    inner = a_tree({"a": [], "b": ["a"]})
    (box,) = plan_of(replace(a_tree({}), branches=(within(inner, "part"),))).boxes

    assert box.inner
    check(box.inner)
    assert box.inner.width < box.width
    assert box.inner.height < box.height


@pytest.mark.parametrize("members", [13, 100])
def test_large_group_is_one_box_with_figures(members: int) -> None:
    many = a_tree({f"m{n}": [] for n in range(members)})

    (box,) = plan_of(replace(a_tree({}), branches=(within(many, "fan"),))).boxes

    assert box.inner is None


def test_batch_is_one_box() -> None:
    (box,) = plan_of(a_batch(10_000)).boxes

    assert box.inner is None


def test_edge_of_a_small_box_curves_behind_the_large_one_beside_it() -> None:
    large = within(a_tree({"a": [], "b": ["a"], "c": ["a"]}), "large")
    small, last = (replace(within(a_batch(9), name), after=()) for name in ("small", "last"))
    steps = (large, small, replace(last, after=("large", "small")))

    plan = plan_of(replace(a_tree({}), branches=steps))

    end = max(
        box.y + box.height if plan.is_down else box.x + box.width
        for box in plan.boxes
        if box.branch.name != "last"
    )
    assert [edge[1][1 if plan.is_down else 0] for edge in plan.edges] == [end, end]
