"""upcast: payloads of earlier versions, lifted step by step."""

from collections.abc import Mapping
from typing import Any

import pytest

from workerless.upcast import Upcaster, upcast


def adding(name: str) -> Upcaster:
    return lambda data: {**data, name: len(data)}


UPCASTERS = {1: adding("two"), 3: adding("four")}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (1, {"a": 0, "two": 1, "four": 2}),
        (2, {"a": 0, "four": 1}),
        (3, {"a": 0, "four": 1}),
        (4, {"a": 0}),
        (5, {"a": 0}),
        (None, {"a": 0}),
    ],
)
def test_data_is_lifted_from_its_version_to_the_present(
    version: int | None, expected: Mapping[str, Any]
) -> None:
    assert upcast({"a": 0}, version=version, present=4, upcasters=UPCASTERS) == expected


def test_upcaster_may_change_what_it_is_given_without_changing_the_message() -> None:
    def renames(data: dict[str, Any]) -> Mapping[str, Any]:
        data["email"] = data.pop("mail")
        return data

    message = {"mail": "a@example.com"}

    assert upcast(message, version=1, present=2, upcasters={1: renames}) == {
        "email": "a@example.com"
    }
    assert message == {"mail": "a@example.com"}
