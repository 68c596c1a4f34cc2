"""payload: strict for producers, lenient for workers, canonical as JSON."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workerless.errors import EnqueueRefusedError
from workerless.payload import (
    Payload,
    Result,
    canonical_json,
    digest,
    payload_key,
    read_payload,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
text = st.text(st.characters(exclude_categories=()))
json_values = st.recursive(
    scalars.filter(lambda value: value not in {float("inf"), float("-inf")}) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


class Greet(Payload):
    """A greeting."""

    name: str


class Greeted(Result):
    text: str


@pytest.mark.parametrize("model", [Greet, Greeted])
def test_producer_may_not_add_a_field(model: type[Payload | Result]) -> None:
    with pytest.raises(ValidationError, match="nmae"):
        model.model_validate({"name": "Ada", "text": "hi", "nmae": "Ada"})


def test_payload_cannot_be_changed() -> None:
    payload = Greet(name="Ada")

    with pytest.raises(ValidationError, match="frozen"):
        payload.name = "Bob"  # type: ignore[misc]  # mypy refuses it too


def test_worker_ignores_what_a_newer_producer_added() -> None:
    assert read_payload(Greet, {"name": "Ada", "title": "Countess"}) == Greet(name="Ada")


def test_worker_still_refuses_what_is_wrong_or_missing() -> None:
    with pytest.raises(ValidationError, match="name"):
        read_payload(Greet, {"title": "Countess"})


@settings(deadline=None)
@given(json_values)
def test_canonical_json_is_printable_ascii_without_spaces_to_spare(value: object) -> None:
    written = canonical_json(value)

    assert all(" " <= character <= "\x7f" for character in written)


@settings(deadline=None)
@given(st.dictionaries(text, json_values))
def test_order_of_fields_does_not_change_the_digest(fields: dict[str, object]) -> None:
    reordered = dict(reversed(fields.items()))

    assert digest(reordered) == digest(fields)


def test_digest_is_sha256_of_the_canonical_json() -> None:
    # printf '{"a":1,"b":"\\u00e9"}' | sha256sum
    expected = "6071e7aa781e8adc235db31b17e6d0ee414a17031b1744a38fbf2cd17effcbce"

    assert digest({"b": "é", "a": 1}) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_not_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"value": value})


class Note(Payload):
    """A note."""

    text: str = ""
    more: Any = None


def test_payload_key_is_that_of_the_named_fields_or_of_all() -> None:
    one, two = Note(text="a", more=1), Note(text="a", more=2)

    assert payload_key(one, "text") == payload_key(two, "text")
    assert payload_key(one) != payload_key(two)
    assert payload_key(one, "more", "text") == payload_key(one, "text", "more")


def test_payload_key_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(EnqueueRefusedError, match=r"among those of Note, got \['txet'\]"):
        payload_key(Note(), "txet", "text")


def test_payload_key_of_what_is_no_json_is_refused() -> None:
    with pytest.raises(EnqueueRefusedError, match="the payload must be JSON: "):
        payload_key(Note(more=object()))
