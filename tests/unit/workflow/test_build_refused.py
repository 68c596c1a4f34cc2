"""What no workflow can be is refused where it is written, with a word on what to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.workflow.shop import (
    Order,
    Reserve,
    charge,
    order,
    release,
    reserve,
    total,
)
from workerless import (
    JobType,
    OnFailure,
    Tracking,
    Unique,
    Workflow,
    chain,
    chord,
    group,
    result_of,
    step,
    summary_of_batch,
)
from workerless.errors import DeclarationError
from workerless.workflow.build import Chain, Group
from workerless.workflow.compiling import definition_of
from workerless.workflow.tasking import callback_of

FIRST = step("first", reserve.with_(order_id="o", amount=1))
DONE = release.with_(order_id="o")


def deep(levels: int) -> Chain | Group:
    part: Chain | Group = chain(DONE)
    for _ in range(levels - 1):
        part = group(part)
    return part


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    ("unknown field", lambda: order.with_(order="o"), "Order has amount, order_id, got 'order'"),
    ("wrong value", lambda: order.with_(order_id=7), "order_id: input should be a valid string"),
    ("half wrong", lambda: order.with_(amount="x"), "amount: input should be a valid integer"),
    ("both", lambda: order.with_(Order(order_id="o"), amount=1), "not both"),
    (
        "other payload",
        lambda: order.with_(Reserve(order_id="o", amount=1)),  # type: ignore[arg-type]
        "takes a Order",
    ),
    ("no JSON", lambda: order.with_(order_id=result_of("a"), amount=float("nan")), "amount"),
    ("missing", lambda: Workflow("w", step("a", order.with_())), "Order needs order_id, which"),
    ("missing in a chain", lambda: chain(FIRST, DONE, charge), "step charge: Charge needs"),
    (
        "missing where nothing can come",
        lambda: definition_of(chain(order)),
        r"say shop.order.with_\(order_id=...\)",
    ),
    (
        "untracked",
        lambda: JobType(name="x", payload=Order, tracking=Tracking.OFF).with_(order_id="o"),
        "tracking must be full in a workflow",
    ),
    (
        "unique",
        lambda: JobType(name="x", payload=Order, unique=Unique()).with_(order_id="o"),
        "unique must be None in a workflow",
    ),
    ("attempts", lambda: DONE.options(attempts=0), "attempts must be between 1 and"),
    ("delay", lambda: DONE.options(delay=timedelta(days=-1)), "delay must be between"),
    ("lane", lambda: DONE.options(lane="x"), "lane must be left out"),
    ("tags", lambda: DONE.options(tags=["a b"]), "a tag must match"),
    (
        "expiry",
        lambda: DONE.options(delay=timedelta(2), expires_in=timedelta(1)),
        "expires_in must be above the delay",
    ),
    ("name", lambda: step("First", DONE), "name must be 1 to 40 lower-case"),
    ("part", lambda: chain("x"), "a part must be a job type"),  # type: ignore[arg-type]
    ("list", lambda: group([DONE, DONE]), r"got a list; give its parts one by one, .*\)$"),  # type: ignore[arg-type]
    ("generator", lambda: group(DONE for _ in "ab"), "got a generator; give"),  # type: ignore[arg-type]
    ("no name", lambda: Workflow(step("a", DONE)), r"got step\('a', \.\.\.\)$"),  # type: ignore[arg-type]
    ("call for a step", lambda: Workflow("w", DONE.options()), r"got \w+\.with_\(\.\.\.\)$"),  # type: ignore[arg-type]
    ("compensation", lambda: step("a", DONE, compensate=FIRST), "compensate must be a job"),  # type: ignore[arg-type]
    ("policy", lambda: step("a", DONE, on_failure="fail"), "one of OnFailure.FAIL"),  # type: ignore[arg-type]
    ("no step", lambda: Workflow("w", DONE), r"steps must be made by step\(\)"),  # type: ignore[arg-type]
    ("no parts", chain, "parts must be one or more"),
    ("no steps", lambda: Workflow("w"), "steps must be 1 to 100"),
    ("many steps", lambda: chain(*[DONE] * 101), "steps must be 1 to 100"),
    ("twice", lambda: chain(FIRST, FIRST), "must be its own, got 'first' twice"),
    ("after", lambda: Workflow("w", step("a", DONE, after="b")), "after must name steps"),
    ("after in a chain", lambda: chain(step("a", DONE, after="b")), "after must be left out"),
    (
        "circle",
        lambda: Workflow("w", step("a", DONE, after="b"), step("b", DONE, after="a")),
        "must not wait for each other, got a, b",
    ),
    ("itself", lambda: Workflow("w", step("a", DONE, after="a")), "got a"),
    (
        "later in a chain",
        lambda: chain(step("a", order.with_(order_id=result_of("b").order_id)), step("b", charge)),
        "must not wait",
    ),
    (
        "beside in a group",
        lambda: group(FIRST, step("b", order.with_(order_id=result_of("first").reservation_id))),
        "members of a group do not wait",
    ),
    (
        "unknown step",
        lambda: Workflow("w", FIRST, step("b", order.with_(order_id=result_of("frist").x))),
        r"result_of\('frist'\).x must name a step \(first\)",
    ),
    (
        "unknown step in a chain",
        lambda: definition_of(chain(FIRST, order.with_(order_id=result_of("frist").x))),
        r"must name a step \(first\)",
    ),
    (
        "unknown step around",
        lambda: definition_of(
            Workflow("w", step("b", order.with_(order_id=result_of("a").x)), takes=["a"])
        ),
        r"must name a step \(there are none\)",
    ),
    (
        "nothing before",
        lambda: Workflow("w", step("b", order.with_(order_id=result_of().x))),
        "there is none",
    ),
    (
        "unknown part of a result",
        lambda: chain(FIRST, order.with_(order_id=result_of("first").id)),
        "it has amount, lines, reservation_id, and no 'id'",
    ),
    (
        "another type",
        lambda: chain(FIRST, order.with_(order_id=result_of("first").amount)),
        r"order_id takes string, and result_of\('first'\).amount is integer",
    ),
    (
        "no result",
        lambda: chain(DONE, order.with_(order_id=result_of("release"))),
        "order_id takes string, and .* is null",
    ),
    (
        "list for one",
        lambda: chord([FIRST], order.with_(order_id=result_of().reservation_id)),
        "order_id takes string, and .* is a list",
    ),
    (
        "filled with another type",
        lambda: chain(
            FIRST, JobType(name="odd", payload=_strange(), result=None).with_(order_id="o")
        ),
        r"amount takes array, and result_of\('first'\).amount is integer",
    ),
    (
        "compensation that needs a result",
        lambda: Workflow(
            "w",
            step(
                "a",
                reserve.with_(order_id="o", amount=1),
                compensate=order.with_(order_id=result_of("a").reservation_id),
            ),
        ),
        "order_id must take None",
    ),
    (
        "compensation of what comes later",
        lambda: Workflow(
            "w",
            step("a", DONE, compensate=order.with_(order_id=result_of("b").reservation_id)),
            step("b", reserve.with_(order_id="o", amount=1), after="a"),
        ),
        r"must be of the step itself or one before it \(a\)",
    ),
    ("too deep", lambda: deep(11), "nested at most 10 deep, got 11"),
    (
        "many that make good",
        lambda: group(*[step(f"s{number}", DONE, compensate=DONE) for number in range(101)]),
        "must have no compensations in it",
    ),
    (
        "many that differ",
        lambda: group(*[DONE] * 100, step("odd", DONE, on_failure=OnFailure.IGNORE), name="many"),
        "many: a group of more than 100 parts must have one on_failure",
    ),
    (
        "large",
        lambda: definition_of(group(*[total.with_(counts=[7] * 2_000)] * 300)),
        "at most 1048576 bytes as JSON",
    ),
    (
        "summary in a workflow",
        lambda: chain(total.with_(counts=[summary_of_batch().total])),
        "is for callbacks of batches",
    ),
    (
        "result in a callback",
        lambda: callback_of("on_success", total.with_(counts=result_of("a").counts)),
        r"takes fields of summary_of_batch\(\)",
    ),
    (
        "no field of the summary",
        lambda: callback_of("on_success", total.with_(counts=[summary_of_batch().done])),
        r"got summary_of_batch\(\).done",
    ),
    ("callback that lacks a field", lambda: callback_of("on_success", total), "Total needs counts"),
]


def _strange() -> type[Order]:
    class Odd(Order):
        """An order of many amounts."""

        amount: tuple[int, ...] = ()  # type: ignore[assignment]

    return Odd


@pytest.mark.parametrize(
    ("make", "why"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_cannot_be_is_refused(make: Callable[[], Any], why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        make()


def test_what_only_its_surroundings_know_is_left_to_them() -> None:
    taken = result_of("first").reservation_id
    inner = group(charge.with_(reservation_id=taken), order.with_(order_id=taken))

    definition_of(chain(FIRST, chain(step("second", order.with_(order_id="o")), inner, name="in")))
