"""A definition as it is stored."""

import json
from datetime import timedelta

import pytest

from workerless.errors import WorkerlessError
from workerless.workflow.definition import (
    MAX_DEFINITION_BYTES,
    Definition,
    Gives,
    Input,
    Kind,
    Node,
    OnFailure,
    Task,
    compensates,
    depth_of,
)
from workerless.workflow.wire import read_definition, write_definition

TASK = Task(job_type="reserve", version=1, attempts=3, data={"order": "o1"})
FULL = Task(
    job_type="charge",
    version=2,
    attempts=5,
    data={"amounts": [None, 3]},
    inputs=(Input(to=("amounts", 0), step="reserve", up=1, path=("lines", 0, "amount")),),
    search_keys=("order",),
    lane="high",
    delay=timedelta(seconds=1.5),
    expires_in=timedelta(hours=1),
    tags=("eu",),
)
GROUP = Definition(
    name="group", kind=Kind.BATCH, gives=Gives.EACH, nodes=(Node(name="charge", part=FULL),)
)
ORDER = Definition(
    name="order",
    kind=Kind.WORKFLOW,
    nodes=(
        Node(name="reserve", part=TASK, compensate=FULL),
        Node(name="group", part=GROUP, after=("reserve",), on_failure=OnFailure.IGNORE),
    ),
)
EMPTY = Definition(name="none", kind=Kind.BATCH, nodes=())


@pytest.mark.parametrize("definition", [ORDER, GROUP, EMPTY], ids=lambda one: one.name)
def test_definition_is_read_as_it_was_written(definition: Definition) -> None:
    text = json.dumps(write_definition(definition))

    assert read_definition(json.loads(text)) == definition


def test_what_is_as_usual_takes_no_room() -> None:
    assert write_definition(GROUP)["nodes"][0].keys() == {"name", "task"}


def test_what_jobs_of_a_type_have_in_common_is_said_once() -> None:
    many = tuple(Node(name=f"charge_{number}", part=FULL) for number in range(10_000))
    told = write_definition(Definition(name="group", kind=Kind.BATCH, nodes=many))

    assert len(told["heads"]) == 1
    assert len(json.dumps(told)) < MAX_DEFINITION_BYTES


@pytest.mark.parametrize(
    "told",
    [None, [], {}, {**write_definition(ORDER), "v": 2}, {"v": 1, "name": "x"}, {"v": 1}],
)
def test_what_is_no_definition_is_refused(told: object) -> None:
    with pytest.raises(WorkerlessError, match="no definition"):
        read_definition(told)


def test_depth_and_compensation_are_those_of_all_that_lies_within() -> None:
    outer = Definition(name="outer", kind=Kind.WORKFLOW, nodes=(Node(name="order", part=ORDER),))

    assert [depth_of(one) for one in (TASK, EMPTY, GROUP, ORDER, outer)] == [0, 1, 1, 2, 3]
    assert [compensates(one) for one in (TASK, GROUP, ORDER, outer)] == [False, False, True, True]
