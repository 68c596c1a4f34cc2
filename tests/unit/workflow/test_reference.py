"""A result that is not there yet can be passed on, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from workerless import result_of, summary_of_batch
from workerless.workflow.reference import Reference, taken, with_holes


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (result_of("a"), "result_of('a')"),
        (result_of().lines[0].sku, "result_of().lines[0].sku"),
        (result_of("a")["odd name"], "result_of('a').odd name"),
        (summary_of_batch().failed, "summary_of_batch().failed"),
    ],
)
def test_reference_shows_what_it_refers_to(reference: Reference, text: str) -> None:
    assert repr(reference) == text


@pytest.mark.parametrize(
    "use",
    [
        bool,
        list,
        str,
        lambda one: f"order {one}",
        lambda one: one + 1,
        lambda one: "order " + one,
        lambda one: 2 * one,
        lambda one: -one,
        lambda one: one < 3,
        lambda one: one == 3,
        lambda one: one != 3,
        lambda one: 3 in one,
        lambda one: one.upper(),
        len,
        int,
        float,
        round,
    ],
)
def test_value_that_is_not_there_yet_cannot_be_used(use: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match="known only once its step has run"):
        use(result_of("a").order_id)


def test_reference_has_none_of_the_attributes_that_libraries_ask_for() -> None:
    assert not hasattr(result_of("a"), "__pydantic_validator__")
    assert not hasattr(result_of("a"), "_private")


def test_references_are_found_wherever_they_are() -> None:
    value = {"a": [1, {"b": result_of("x").y}], "c": (result_of("z"),), "d": 7}

    found = {to: str(source) for to, source in taken(value)}

    assert found == {("a", 1, "b"): "result_of('x').y", ("c", 0): "result_of('z')"}
    assert with_holes(value) == {"a": [1, {"b": None}], "c": [None], "d": 7}
