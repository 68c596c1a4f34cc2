"""A field that is sensitive, and a JSON Schema of a team's own that does not say so."""

from typing import Annotated, Any

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    create_model,
)
from pydantic.json_schema import SkipJsonSchema

from workerless import JobType, Payload, Result, Sensitive, Unique
from workerless.errors import DeclarationError
from workerless.sensitive import REDACTED, paths_of

MARK = "canary-8e11"
TEXT = {"type": "string"}

type Token = Sensitive[str]


class Card(BaseModel):
    """Cards may have cards."""

    number: Sensitive[str]
    kids: "list[Card]" = []


class Silent(BaseModel):
    """Takes the word out of its own schema."""

    model_config = ConfigDict(json_schema_extra=lambda one: one["properties"]["number"].clear())
    number: Sensitive[str]


def unmarked(schema: dict[str, Any]) -> None:
    del schema["writeOnly"]


def numbered(card: Card) -> str:
    return card.number


LOST: list[Any] = [
    Annotated[Sensitive[str], WithJsonSchema(TEXT)],
    Annotated[Sensitive[str], WithJsonSchema(TEXT, mode="serialization")],
    Annotated[Sensitive[str], Field(json_schema_extra={"writeOnly": False})],
    Annotated[Sensitive[str], Field(json_schema_extra=unmarked)],
    Annotated[Sensitive[str], PlainValidator(str)],
    SkipJsonSchema[Sensitive[str]],
    str | SkipJsonSchema[Sensitive[int]],
    Annotated[list[Sensitive[str]], WithJsonSchema({"type": "array"})],
    Annotated[Card, WithJsonSchema({"type": "object"})],
    Annotated[Card, PlainSerializer(numbered, return_type=str)],
    Silent,
]
KEPT: list[tuple[Any, str]] = [
    (Sensitive[Annotated[str, WithJsonSchema(TEXT)]], "x"),
    (Annotated[Sensitive[str], WithJsonSchema({**TEXT, "writeOnly": True})], "x"),
    (Annotated[Sensitive[str], Field(min_length=3, description="Known to few.")], "x"),
    (Annotated[Sensitive[str], PlainSerializer(str, return_type=str)], "x"),
    (Annotated[Sensitive[str], Field(exclude=True)], "x"),
    (Sensitive[Sensitive[str]], "x"),
    (Sensitive[Annotated[Card, WithJsonSchema({"type": "object"})]], "x"),
    (Sensitive[Card], "x"),
    (Token, "x"),
    (dict[str, Token] | None, "x/*"),
    (tuple[int, Sensitive[str]], "x/*"),
]


def model_of(kind: Any, base: Any = Payload) -> Any:
    return create_model("Made", __base__=base, __doc__="Made.", x=(kind, ...))


@pytest.mark.parametrize("kind", LOST)
def test_schema_that_does_not_say_so_is_refused(kind: Any) -> None:
    with pytest.raises(DeclarationError, match=r"Made\.x.* is sensitive, and its JSON Schema"):
        JobType(name="made", payload=model_of(kind))
    with pytest.raises(DeclarationError, match=r"Made\.x.* is sensitive, and its JSON Schema"):
        JobType(name="made", payload=model_of(int), result=model_of(kind, Result))


@pytest.mark.parametrize("kind", LOST)
def test_model_whose_schema_does_not_say_so_is_hidden_whole(kind: Any) -> None:
    """One that no job type declares: an event's, or one in a payload."""
    assert "*" in paths_of(model_of(kind))


@pytest.mark.parametrize(("kind", "path"), KEPT)
def test_schema_that_says_so_is_taken(kind: Any, path: str) -> None:
    JobType(name="made", payload=model_of(kind))

    assert paths_of(model_of(kind)) == (path,)


def test_model_with_a_silent_schema_is_printed_without_its_values() -> None:
    made = model_of(LOST[0])(x=MARK)

    assert repr(made) == f"Made(x='{REDACTED}')"


class Extras(Payload):
    """What it is given besides is sensitive."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Sensitive[str]]
    plain: str = ""


class Chosen(Payload):
    """May be written under several names."""

    token: Sensitive[str] = Field(validation_alias=AliasChoices("token", "tok"))
    plain: str = ""


@pytest.mark.parametrize("key", ["extra", "plain"])
@pytest.mark.parametrize("option", ["search_keys", "unique"])
def test_no_key_is_among_what_may_be_sensitive(key: str, option: str) -> None:
    given: Any = (key,) if option == "search_keys" else Unique(by=(key,))

    with pytest.raises(DeclarationError, match=option):
        JobType(name="extras", payload=Extras, **{option: given})


def test_a_field_of_one_name_beside_one_of_several_may_be_a_key() -> None:
    JobType(name="chosen", payload=Chosen, search_keys=("plain",))
    with pytest.raises(DeclarationError, match="must be of what may be seen"):
        JobType(name="chosen", payload=Chosen, search_keys=("token",))
