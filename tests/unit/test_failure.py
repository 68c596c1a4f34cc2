"""failure: an exception becomes a short, valid text that shows no payload."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workerless.execution.failure import describe, invalid_payload
from workerless.payload import Payload, read_payload
from workerless.record import MAX_MESSAGE_CHARACTERS, MAX_TRACEBACK_CHARACTERS, AttemptError

NOW = datetime(2026, 11, 20, tzinfo=UTC)
any_text = st.text(st.characters(exclude_categories=()))


class Greet(Payload):
    """A greeting."""

    name: str
    shares: dict[str, int] = {}  # noqa: RUF012 -- pydantic copies it
    many: list[int] = []  # noqa: RUF012 -- as above


def raised(error: BaseException) -> AttemptError:
    with pytest.raises(type(error)) as caught:
        raise error
    return describe(caught.value, attempt=2, at=NOW)


def refused(data: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read_payload(Greet, data)
    return invalid_payload(caught.value)


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def test_class_message_and_place_of_an_error_are_kept() -> None:
    described = raised(KeyError("user"))

    assert (described.attempt, described.at) == (2, NOW)
    assert (described.error_type, described.message) == ("KeyError", "'user'")
    assert 'test_failure.py", line' in described.traceback
    assert "raise error" in described.traceback


@settings(deadline=None)
@given(any_text)
def test_any_message_becomes_valid_text_within_bounds(message: str) -> None:
    described = raised(ValueError(message))

    assert len(described.message) <= MAX_MESSAGE_CHARACTERS
    described.message.encode()


def test_long_message_keeps_its_beginning() -> None:
    described = raised(ValueError("beginning" + "x" * 10_000))

    assert described.message.startswith("beginning")
    assert len(described.message) == MAX_MESSAGE_CHARACTERS


def test_deep_recursion_keeps_the_innermost_frames_only() -> None:
    def dive() -> None:
        dive()

    with pytest.raises(RecursionError) as caught:
        dive()
    described = describe(caught.value, attempt=1, at=NOW)

    assert described.error_type == "RecursionError"
    assert 0 < len(described.traceback) <= MAX_TRACEBACK_CHARACTERS
    assert described.traceback.count("in dive") < 10


def test_error_that_cannot_be_shown_is_still_described() -> None:
    assert raised(SilentError()).message == "(its message could not be shown)"


def test_local_variables_are_not_kept() -> None:
    def work(secret: str) -> AttemptError:
        return raised(ValueError(len(secret)))

    assert "hunter2" not in repr(work("hunter2"))


def test_error_that_was_never_raised_has_no_traceback() -> None:
    assert describe(SystemExit(1), attempt=1, at=NOW).traceback == ""


def test_wrong_fields_are_named_without_what_they_hold() -> None:
    text = refused({"name": 987654321, "shares": {"a": "secret"}})

    assert "name: input should be a valid string" in text
    assert "shares.a: input should be a valid integer" in text
    assert "987654321" not in text
    assert "secret" not in text


def test_missing_payload_is_named_as_such() -> None:
    assert refused(None).startswith("payload: input should be")


def test_only_the_first_ten_problems_are_listed() -> None:
    text = refused({"name": "Ada", "many": ["x"] * 25})

    assert text.count("many.") == 10
    assert text.endswith("; and 15 more")


def test_field_name_with_half_a_character_is_spelled_out() -> None:
    text = refused({"name": "Ada", "many": {"\ud800": 1}, "shares": {"\ud800": "x"}})

    text.encode()
