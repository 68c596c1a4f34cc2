"""Where the inputs of jobs come from."""

from typing import Any

import pytest

from workerless.workflow.binding import assemble, bind, needs
from workerless.workflow.definition import Definition, Gives, Input, Kind, Node, Path, Task


def a_task(*inputs: Input, **data: Any) -> Task:
    return Task(job_type="charge", version=1, attempts=3, data=data, inputs=inputs)


def filled(value: Any, path: Path = (), *, to: Path = ("x",), **data: Any) -> Any:
    task = a_task(Input(to=to, step="reserve", path=path), **data)
    bound = bind(task, {"reserve": value})
    assert isinstance(bound, Task)
    assert bound.inputs == ()
    return bound.data


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"id": 7}, (), {"id": 7}),
        ({"id": 7}, ("id",), 7),
        ({"lines": [{"sku": "a"}, {"sku": "b"}]}, ("lines", 1, "sku"), "b"),
        ({"lines": [{"sku": "a"}, {"sku": "b"}]}, ("lines", "sku"), ["a", "b"]),
        ([{"id": 1}, None, {}], ("id",), [1, None, None]),
        ([[{"id": 1}], [{"id": 2}]], ("id",), [[1], [2]]),
        ({"id": None}, ("id",), None),
        (None, ("id", "deeper"), None),
    ],
)
def test_input_is_what_lies_at_its_path(value: Any, path: Path, found: Any) -> None:
    assert filled(value, path) == {"x": found}


@pytest.mark.parametrize(
    ("value", "path"), [({}, ("id",)), ({"id": 7}, ("id", "x")), ([], (0,)), ([1], (1,)), (7, (0,))]
)
def test_field_whose_input_is_not_there_is_left_out(value: Any, path: Path) -> None:
    assert filled(value, path, x="hole", y=1) == {"y": 1}


def test_input_goes_to_its_place_deep_in_the_payload() -> None:
    data = filled({"id": 7}, ("id",), to=("lines", 1, "id"), lines=[{"id": 6}, {"id": None}])

    assert data == {"lines": [{"id": 6}, {"id": 7}]}


def test_missing_element_of_a_list_is_none() -> None:
    assert filled({}, ("id",), to=("ids", 0), ids=["hole", 2]) == {"ids": [None, 2]}


def test_step_that_gave_nothing_gives_none() -> None:
    task = a_task(Input(to=("x",), step="reserve", path=("id",)))

    bound = bind(task, {})

    assert isinstance(bound, Task)
    assert bound.data == {"x": None}


def test_task_that_is_bound_stays_as_it_was() -> None:
    task = a_task(Input(to=("a", "b"), step="reserve"), a={"b": 1})

    bind(task, {"reserve": 2})

    assert task.data == {"a": {"b": 1}}


def test_nested_container_takes_what_comes_from_around_it_and_keeps_the_rest() -> None:
    own = Input(to=("own",), step="first")
    inner = Definition(
        name="inner",
        kind=Kind.WORKFLOW,
        nodes=(
            Node(name="first", part=a_task(Input(to=("x",), step="reserve", up=1))),
            Node(
                name="second",
                part=a_task(own, Input(to=("y",), step="outmost", up=2)),
                after=("first",),
                compensate=a_task(Input(to=("z",), step="reserve", up=1)),
            ),
        ),
    )

    bound = bind(inner, {"reserve": 7})

    assert needs(inner) == {"reserve"}
    assert isinstance(bound, Definition)
    first, second = (node.part for node in bound.nodes)
    assert isinstance(first, Task)
    assert isinstance(second, Task)
    assert (first.data, first.inputs) == ({"x": 7}, ())
    assert second.inputs == (own, Input(to=("y",), step="outmost", up=2))
    assert bound.nodes[1].compensate == a_task(z=7)
    assert needs(bound) == frozenset()


@pytest.mark.parametrize(
    ("gives", "edges", "result"),
    [
        (Gives.EACH, {}, [1, None, 3]),
        (Gives.LAST, {"b": ("a",), "c": ("b",)}, 3),
        (Gives.LAST, {"b": ("a",), "c": ("a",)}, {"b": None, "c": 3}),
    ],
)
def test_container_gives_what_its_last_steps_or_all_of_them_gave(
    gives: Gives, edges: dict[str, tuple[str, ...]], result: Any
) -> None:
    nodes = (Node(name=name, part=a_task(), after=edges.get(name, ())) for name in "abc")
    definition = Definition(name="x", kind=Kind.WORKFLOW, nodes=tuple(nodes), gives=gives)

    assert assemble(definition, {"a": 1, "c": 3}) == result


def test_payload_of_a_callback_takes_the_summary_of_its_batch() -> None:
    bound = bind(a_task(Input(to=("n",), step=None, path=("failed",))), {None: {"failed": 2}})

    assert isinstance(bound, Task)
    assert bound.data == {"n": 2}
