"""Values that only the type checker keeps from being changed: all else is as in a dataclass."""

import dataclasses
from dataclasses import field
from unittest.mock import ANY

import pytest

from workerless.frozen import frozen, replace


@frozen
class Point:
    x: int
    name: str = ""
    marks: tuple[str, ...] = field(default=("a",))


def test_value_equals_another_of_the_same_fields() -> None:
    assert Point(x=1) == Point(x=1, name="")
    assert len({Point(x=1), Point(x=1), Point(x=2)}) == 2


def test_value_is_no_other_class_of_the_same_fields() -> None:
    @frozen
    class Pixel:
        x: int
        name: str = ""
        marks: tuple[str, ...] = field(default=("a",))

    pixel: object = Pixel(x=1)
    assert pixel != Point(x=1)
    assert pixel == ANY


def test_value_shows_its_fields() -> None:
    assert repr(Point(x=1, name="one")) == "Point(x=1, name='one', marks=('a',))"


def test_replace_makes_another_as_that_of_dataclasses_does() -> None:
    point = Point(x=1, name="one")

    moved = replace(point, x=2)

    assert (point, moved) == (Point(x=1, name="one"), Point(x=2, name="one"))
    assert moved == dataclasses.replace(point, x=2)


def test_default_is_no_attribute_of_the_class() -> None:
    """Where it were one, it would be looked up whenever the field of a value is set or read."""
    assert not hasattr(Point, "name")
    assert (Point(x=1).name, Point(x=1).marks) == ("", ("a",))
    assert dataclasses.fields(Point)[1].default == ""


def test_what_replace_makes_shares_nothing_with_what_it_was_made_of() -> None:
    point = Point(x=1)

    moved = replace(point, x=2)
    vars(moved)["name"] = "other"

    assert point == Point(x=1)


def test_fields_are_named_and_needed() -> None:
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Point(1)  # type: ignore[call-arg]
