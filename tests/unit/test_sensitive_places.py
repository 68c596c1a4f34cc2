"""Sensitive values in places that one would not look at first."""

import json
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    computed_field,
)

from workerless import JobType, Payload, Sensitive
from workerless.errors import DeclarationError
from workerless.payload import read_payload
from workerless.sensitive import REDACTED, paths_of, redacted, restored, texts
from workerless.sensitive_text import without

MARK = "canary-31c2"
KEY = f"-----BEGIN KEY-----\n{MARK}AAAA\n{MARK}BBBB\n-----END KEY-----"


class Card(BaseModel):
    """What other models have."""

    number: Sensitive[str]


class ByName(Payload):
    """May be written under both of its names."""

    model_config = ConfigDict(populate_by_name=True)

    token: Sensitive[str] = Field(alias="Token")


class ByChoice(Payload):
    """May be written under several names."""

    token: Sensitive[str] = Field(validation_alias=AliasChoices("token", "tok"))


class ByPath(Payload):
    """Is written further down."""

    token: Sensitive[str] = Field(validation_alias=AliasPath("auth", "token"))


class Named(Payload):
    """The names are what is sensitive."""

    limits: dict[Sensitive[str], int]


class Kept(Payload):
    """All of it is."""

    limits: Sensitive[dict[str, int]]


class Quoted(Payload):
    """A model within a text."""

    card: Json[Card]


class Computed(Payload):
    """Nobody gives it; it is written all the same."""

    @computed_field
    def token(self) -> Sensitive[str]:
        """Made of nothing."""
        return MARK


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (ByName, {"token": MARK}),
        (ByName, {"Token": MARK}),
        (ByChoice, {"tok": MARK}),
        (ByPath, {"auth": {"token": MARK}}),
        (Named, {"limits": {MARK: 3}}),
        (Quoted, {"card": json.dumps({"number": MARK})}),
        (Computed, {"token": MARK}),
    ],
)
def test_a_sensitive_value_is_hidden_wherever_a_model_reads_or_writes_it(
    model: type[Payload], data: dict[str, Any]
) -> None:
    payload = read_payload(model, data)

    assert MARK not in repr(payload)
    assert MARK not in json.dumps(redacted(data, paths_of(model)))
    assert any(MARK in one for one in texts(data, paths_of(model)))


def test_names_of_fields_cannot_be_sensitive_by_themselves() -> None:
    """What is wrong with a payload is told with the path to it."""
    JobType(name="kept", payload=Kept)
    with pytest.raises(DeclarationError, match=r"the names of a dict .* Sensitive\[dict"):
        JobType(name="limit", payload=Named)


def test_a_sensitive_text_of_many_lines_is_cut_out_of_an_indented_traceback() -> None:
    error = ExceptionGroup("two", [ValueError(f"bad {KEY}")])
    told = "".join(traceback.format_exception(error))

    assert MARK in told
    assert MARK not in without(told, {KEY})


@pytest.mark.parametrize(
    "quoted",
    [
        quote,
        lambda text: quote(text, safe=""),
        quote_plus,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: repr(text.encode()),
    ],
)
def test_a_sensitive_value_is_cut_out_as_addresses_bytes_and_json_quote_it(quoted: Any) -> None:
    secret = f'ä b+"/{MARK}=='

    assert without(f"GET {quoted(secret)}", {secret}).replace('"', "") in {
        f"GET {REDACTED}",
        f"GET b'{REDACTED}'",
    }


def test_half_a_character_in_a_sensitive_value_is_no_trouble() -> None:
    assert without(f"x \ud800{MARK}", {f"\ud800{MARK}"}) == f"x {REDACTED}"


def test_of_items_in_another_order_no_value_is_given_to_another() -> None:
    before = {"cards": [{"id": 1, "number": "one"}, {"id": 2, "number": "two"}]}
    moved = {"cards": [{"id": 2, "number": REDACTED}, {"id": 1, "number": REDACTED}]}
    edited = {"cards": [{"id": 3, "number": REDACTED}, {"id": 2, "number": REDACTED}]}

    assert restored(moved, before, ("cards/*/number",)) == moved
    assert restored(edited, before, ("cards/*/number",)) == {
        "cards": [{"id": 3, "number": "one"}, {"id": 2, "number": "two"}]
    }
