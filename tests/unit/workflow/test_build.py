"""Workflows as they are written, and what is stored of them."""

import json
from datetime import timedelta

import pytest

from tests.unit.workflow.shop import (
    Reserve,
    charge,
    data,
    order,
    places,
    release,
    reserve,
    total,
)
from workerless import (
    JobType,
    OnFailure,
    Workflow,
    chain,
    chord,
    group,
    result_of,
    step,
    summary_of_batch,
)
from workerless.flow.lanes import PRIORITIES
from workerless.workflow.batch import BatchControl, opened_batch
from workerless.workflow.compiling import definition_of
from workerless.workflow.definition import Definition, Gives, Kind, Node
from workerless.workflow.tasking import callback_of
from workerless.workflow.wire import read_definition, write_definition

PROCESS = Workflow(
    "process_order",
    step("confirm", order.with_(order_id="o1"), after="charge"),
    step(
        "charge",
        charge.with_(reservation_id=result_of("reserve").reservation_id, amount=3),
    ),
    step(
        "reserve",
        reserve.with_(order_id="o1", amount=3),
        compensate=release.with_(order_id="o1", reservation_id=result_of("reserve").reservation_id),
    ),
)


def nested(node: Node) -> Definition:
    assert isinstance(node.part, Definition)
    return node.part


def edges(definition: Definition) -> dict[str, tuple[str, ...]]:
    return {node.name: node.after for node in definition.nodes}


def test_steps_stand_after_what_they_wait_for_and_what_they_take_results_of() -> None:
    definition = definition_of(PROCESS)

    assert edges(definition) == {"reserve": (), "charge": ("reserve",), "confirm": ("charge",)}
    assert list(edges(definition)) == ["reserve", "charge", "confirm"]
    assert (definition.kind, definition.gives) == (Kind.WORKFLOW, Gives.LAST)


def test_task_holds_all_that_its_job_needs_to_be_made() -> None:
    task = definition_of(PROCESS).by_name["charge"].part

    assert data(task) == {"amount": 3, "note": "thanks"}
    assert places(task) == {"reservation_id": ("reserve", 0, ("reservation_id",))}


def test_compensation_may_take_the_result_of_its_own_step() -> None:
    node = definition_of(PROCESS).by_name["reserve"]

    assert places(node.compensate) == {"reservation_id": ("reserve", 0, ("reservation_id",))}


def test_chain_is_a_line_and_hands_on_what_has_the_same_name() -> None:
    definition = definition_of(chain(reserve.with_(order_id="o1", amount=3), charge, order))

    assert edges(definition) == {
        "reserve": (),
        "charge": ("reserve",),
        "shop_order": ("charge",),
    }
    assert places(definition.nodes[1].part) == {
        "reservation_id": ("reserve", 0, ("reservation_id",)),
        "amount": ("reserve", 0, ("amount",)),
    }
    assert places(definition.nodes[2].part) == {"order_id": ("charge", 0, ("order_id",))}


def test_what_is_given_is_not_taken_from_the_step_before() -> None:
    given = charge.with_(amount=7, note="mine")
    definition = definition_of(chain(reserve.with_(order_id="o1", amount=3), given))

    assert data(definition.nodes[1].part) == {"amount": 7, "note": "mine"}
    assert list(places(definition.nodes[1].part)) == ["reservation_id"]


def test_whole_payload_is_left_as_it_is() -> None:
    whole = reserve.with_(Reserve(order_id="o1", amount=3))
    definition = definition_of(chain(order.with_(order_id="o2"), whole))

    assert data(definition.nodes[1].part) == {"order_id": "o1", "amount": 3}
    assert places(definition.nodes[1].part) == {}


def test_members_of_a_group_each_take_from_what_comes_before_it() -> None:
    definition = definition_of(
        chain(reserve.with_(order_id="o1", amount=3), group(charge, chain(charge)))
    )

    fan = nested(definition.nodes[1])
    assert (fan.kind, fan.gives, edges(fan)) == (
        Kind.WORKFLOW,
        Gives.EACH,
        {"charge": (), "chain": ()},
    )
    assert places(fan.nodes[0].part)["amount"] == ("reserve", 1, ("amount",))
    assert places(nested(fan.nodes[1]).nodes[0].part)["amount"] == ("reserve", 2, ("amount",))
    assert definition.nodes[1].after == ("reserve",)


def test_callback_of_a_chord_takes_the_list_of_all_results() -> None:
    parts = [reserve.with_(order_id=one, amount=3) for one in "ab"]
    definition = definition_of(
        chord(parts, total.with_(counts=result_of().amount, names=result_of().reservation_id))
    )

    assert edges(definition) == {"group": (), "total": ("group",)}
    assert list(edges(nested(definition.nodes[0]))) == ["reserve", "reserve_2"]
    assert places(definition.nodes[1].part)["counts"] == ("group", 0, ("amount",))


def test_nested_step_waits_for_the_step_around_it_whose_result_it_takes() -> None:
    inner = group(
        step("each", charge.with_(reservation_id=result_of("kept").reservation_id, amount=1))
    )
    definition = definition_of(
        Workflow(
            "outer",
            step("fan", inner),
            step("kept", reserve.with_(order_id="o1", amount=1)),
        )
    )

    assert edges(definition) == {"kept": (), "fan": ("kept",)}
    assert places(nested(definition.nodes[1]).nodes[0].part) == {
        "reservation_id": ("kept", 1, ("reservation_id",))
    }


def test_workflow_within_another_says_what_it_takes_of_what_is_around() -> None:
    taken = charge.with_(reservation_id=result_of("kept").reservation_id, amount=1)
    inner = Workflow("inner", step("paid", taken), takes=["kept"])
    definition = definition_of(
        Workflow("outer", step("kept", reserve.with_(order_id="o", amount=1)), step("in", inner))
    )

    assert edges(definition) == {"kept": (), "in": ("kept",)}


def test_inner_step_hides_an_outer_one_of_the_same_name() -> None:
    kept = step("kept", reserve.with_(order_id="o1", amount=1))
    taken = charge.with_(reservation_id=result_of("kept").reservation_id, amount=1)
    definition = definition_of(chain(kept, chain(kept, taken)))

    assert places(nested(definition.nodes[1]).nodes[1].part)["reservation_id"][:2] == ("kept", 0)


def test_result_may_go_to_any_place_in_a_payload() -> None:
    part = total.with_(counts=[1, result_of("a").amount], names=[result_of("a").reservation_id])
    definition = definition_of(
        Workflow("w", step("a", reserve.with_(order_id="o", amount=1)), step("b", part))
    )

    task = definition.by_name["b"].part
    assert data(task) == {"counts": [1, None], "names": [None]}
    assert places(task) == {
        "counts.1": ("a", 0, ("amount",)),
        "names.0": ("a", 0, ("reservation_id",)),
    }


@pytest.mark.parametrize(("parts", "kind"), [(100, Kind.WORKFLOW), (101, Kind.BATCH)])
def test_group_of_many_parts_is_a_batch(parts: int, kind: Kind) -> None:
    definition = definition_of(group(*[release.with_(order_id="o")] * parts))

    assert (definition.kind, definition.gives) == (kind, Gives.EACH)
    assert opened_batch(definition) == BatchControl(on_failure=OnFailure.FAIL)


def test_group_may_be_empty_and_thousands_large() -> None:
    many = group(*(release.with_(order_id=str(number)) for number in range(3_000)))

    assert definition_of(group()).nodes == ()
    assert len(definition_of(many).nodes) == 3_000


def test_policy_of_a_part_holds_for_its_steps_that_say_nothing_else() -> None:
    parts = (
        step("a", release.with_(order_id="o")),
        step("b", release.with_(order_id="o"), on_failure=OnFailure.IGNORE),
    )

    for part in (
        Workflow("w", *parts, on_failure=OnFailure.CONTINUE),
        chain(*parts, on_failure=OnFailure.CONTINUE),
        group(*parts, on_failure=OnFailure.CONTINUE),
    ):
        policies = [node.on_failure for node in definition_of(part).nodes]
        assert policies == [OnFailure.CONTINUE, OnFailure.IGNORE]


def test_job_by_itself_is_a_chain_of_one() -> None:
    call = release.with_(order_id="o")

    assert definition_of(call) == definition_of(chain(call))


def test_what_is_said_of_a_job_is_kept_with_its_task() -> None:
    fast = JobType(name="fast", payload=Reserve, lanes=PRIORITIES, concurrency=10)
    call = fast.with_(order_id="o", amount=1).options(
        delay=timedelta(minutes=1),
        attempts=2,
        priority="high",
        expires_in=timedelta(hours=1),
        tags=["eu"],
    )

    task = definition_of(call).nodes[0].part

    assert not isinstance(task, Definition)
    assert (task.delay, task.attempts, task.lane) == (timedelta(minutes=1), 2, "high")
    assert (task.expires_in, task.tags) == (timedelta(hours=1), ("eu",))


def test_definition_is_stored_as_json() -> None:
    definition = definition_of(PROCESS)

    assert read_definition(json.loads(json.dumps(write_definition(definition)))) == definition


def test_callback_takes_the_summary_of_its_batch() -> None:
    told = summary_of_batch()

    task = callback_of("on_success", total.with_(counts=[told.failed], names=[told.batch_id]))

    assert [(one.to, one.step, one.path) for one in task.inputs] == [
        (("counts", 0), None, ("failed",)),
        (("names", 0), None, ("batch_id",)),
    ]
