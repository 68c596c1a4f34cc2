"""Layers: laws over random graphs, and what is untangled."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workerless.picture.layer import Layers, crossings, in_layers, shortest


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    size = draw(st.integers(0, 12))
    names = [f"s{number}" for number in range(size)]
    return {
        name: draw(st.lists(st.sampled_from(names[:n]), unique=True, max_size=4)) if n else []
        for n, name in enumerate(names)
    }


def ranks(layers: Layers) -> dict[object, int]:
    return {place: rank for rank, layer in enumerate(layers.layers) for place in layer}


@given(graphs())
def test_each_step_is_in_one_layer_behind_all_that_it_waits_for(
    after: dict[str, list[str]],
) -> None:
    found = in_layers(after)
    rank = ranks(found)

    steps = [place for layer in found.layers for place in layer if isinstance(place, str)]
    assert sorted(steps) == sorted(after)
    assert all(rank[one] < rank[name] for name, waits in after.items() for one in waits)


@given(graphs())
def test_edges_go_from_each_layer_to_the_next_and_lose_no_dependency(
    after: dict[str, list[str]],
) -> None:
    found = in_layers(after)
    rank = ranks(found)

    reach: dict[str, set[object]] = {name: set() for name in after}
    for path in found.paths:
        assert all(rank[two] == rank[one] + 1 for one, two in pairwise(path))
    for name in after:
        for path in found.paths:
            if path[-1] == name:
                reach[name] |= {path[0], *reach[str(path[0])]}
    assert all(set(waits) <= reach[name] for name, waits in after.items())


def test_what_another_dependency_implies_is_not_drawn() -> None:
    after = {"a": [], "b": ["a"], "c": ["b", "a"]}

    assert shortest(after["c"], after) == ["b"]


def test_steps_are_put_so_that_edges_do_not_cross() -> None:
    after = {"a": [], "b": [], "c": [], "x": ["c"], "y": ["b"], "z": ["a"]}

    assert crossings(in_layers(after)) == 0


def test_crossings_are_counted() -> None:
    crossed = Layers(
        layers=(("a", "b"), ("x", "y")), paths=(("a", "y"), ("b", "x"), ("a", "x"), ("b", "y"))
    )

    assert crossings(crossed) == 1
