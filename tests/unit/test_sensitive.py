"""Which values are sensitive, and a payload without them."""

from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, PlainValidator, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema

from workerless import Concurrency, JobType, Payload, RateLimit, Sensitive, Unique
from workerless.errors import DeclarationError
from workerless.hidden import ALL, Hidden, hidden_in, read_hidden
from workerless.misfit import misfit
from workerless.sensitive import REDACTED, paths, paths_of, redacted, restored, texts
from workerless.sensitive_text import without

MARK = "canary-77aa"


class WithoutSchema:
    """Marks what JSON Schema has no word for."""

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, Any]:
        raise PydanticInvalidForJsonSchema("there is none")


class Card(BaseModel):
    """Cards may have cards."""

    number: Sensitive[str] = Field(min_length=4)
    kids: "list[Card]" = Field(default_factory=list)


class Order(Payload):
    """All shapes at once."""

    token: Sensitive[str] = Field(alias="tok")
    pins: list[Sensitive[int]] = Field(default_factory=list)
    names: dict[str, Sensitive[str]] = Field(default_factory=dict)
    either: int | Sensitive[str] | None = None
    whole: Sensitive[dict[str, int]] = Field(default_factory=dict)
    cards: dict[str, Card] = Field(default_factory=dict)
    plain: str = "plain"


DATA: dict[str, Any] = {
    "tok": f"{MARK}-1",
    "pins": [1234, 5678],
    "names": {"ada": f"{MARK}-2"},
    "either": f"{MARK}-3",
    "whole": {f"{MARK}-4": 4},
    "cards": {"a": {"number": f"{MARK}-5", "kids": [{"number": f"{MARK}-6", "kids": []}]}},
    "plain": "plain",
}
SHOWN = {
    "tok": REDACTED,
    "pins": [REDACTED, REDACTED],
    "names": {"ada": REDACTED},
    "either": REDACTED,
    "whole": REDACTED,
    "cards": {"a": {"number": REDACTED, "kids": [{"number": REDACTED, "kids": []}]}},
    "plain": "plain",
}


def test_sensitive_values_are_found_in_lists_dicts_unions_and_models_of_any_depth() -> None:
    assert paths_of(Order) == (
        "cards/*/**/number",
        "either",
        "names/*",
        "pins/*",
        "tok",
        "token",
        "whole",
    )


def test_payload_is_shown_without_them_and_given_back_with_them() -> None:
    hidden = paths_of(Order)

    shown = redacted(DATA, hidden)

    assert shown == SHOWN
    assert restored(shown, DATA, hidden) == DATA


def test_what_was_changed_beside_them_stays_changed() -> None:
    mended = {**SHOWN, "tok": "new", "plain": "other", "pins": [REDACTED]}

    assert restored(mended, DATA, paths_of(Order)) == {
        **DATA,
        "tok": "new",
        "plain": "other",
        "pins": [REDACTED],  # which of both it was nobody knows, and no model takes it
    }


def test_missing_value_is_shown_as_missing() -> None:
    assert redacted({"either": None}, paths_of(Order)) == {"either": None}


def test_they_are_found_as_texts_keys_of_a_hidden_object_too() -> None:
    marks = {f"{MARK}-{number}" for number in range(1, 7)}

    assert texts(DATA, paths_of(Order)) == marks | {"1234", "5678", "4"}


@pytest.mark.parametrize(
    ("text", "secret", "left"),
    [
        ("no such user ada!", "ada", f"no such user {REDACTED}!"),
        ("canadas, 12 of 123", "12", f"canadas, {REDACTED} of 123"),
        ("user:hunter2x", "hunter2", f"user:{REDACTED}x"),
        (repr("a\n'b"), "a\n'b", f'"{REDACTED}"'),
        ('{"it": "\\u00fcber"}', "über", f'{{"it": "{REDACTED}"}}'),
        ("über", "über", REDACTED),
        ("nothing", "", "nothing"),
    ],
)
def test_text_is_told_without_them(text: str, secret: str, left: str) -> None:
    assert without(text, {secret} - {""}) == left


def test_text_is_not_told_where_there_is_too_much_to_look_for() -> None:
    assert without("a text", {f"value-{number}" for number in range(1_001)}) == REDACTED


def test_model_without_a_schema_is_hidden_whole() -> None:
    class Odd(Payload):
        """Its field is what only Python knows."""

        one: Annotated[object, PlainValidator(lambda value: value)] = object()
        two: Annotated[int, WithoutSchema()] = 1

    assert paths_of(Odd) == ("*",)


def test_default_that_is_no_json_is_no_matter() -> None:
    class Odd(Payload):
        """Its default cannot be told."""

        one: Sensitive[str] = "x"
        two: Any = object()

    assert paths_of(Odd) == ("one",)


def test_longer_value_goes_before_a_part_of_it() -> None:
    assert without("abcdef abcd", {"abcd", "abcdef"}) == f"{REDACTED} {REDACTED}"


def test_payload_is_printed_without_them() -> None:
    order = Order.model_validate(DATA)

    assert MARK not in f"{order} {order!r}"
    assert "plain='plain'" in repr(order)
    assert f"token='{REDACTED}'" in repr(order)


def test_payload_that_was_never_validated_is_printed_without_them_too() -> None:
    wild: Any = {"token": [MARK], "plain": object()}

    assert MARK not in repr(Order.model_construct(**wild))


@pytest.mark.parametrize(
    "wrong",
    [
        {"tok": [MARK]},
        {"tok": "t", "names": {"x": {MARK: MARK}}},
        {"tok": "t", "whole": {MARK: MARK}},
        {"tok": "t", "cards": {"a": {"number": [MARK]}}},
        {"tok": "t", "plain": [MARK]},
        {"tok": "t", "unknown": MARK},
    ],
)
def test_error_of_a_payload_tells_no_value(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(wrong)

    assert MARK not in str(caught.value)
    assert MARK not in str(misfit(caught.value))


def test_what_stands_for_a_value_is_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate({"tok": REDACTED})

    assert str(misfit(caught.value)) == "data.tok: is sensitive and does not fit its field"


def test_name_with_a_slash_is_one_step() -> None:
    schema = {"properties": {"a/b~c": {"writeOnly": True}, "a": {}}}

    assert paths(schema) == ("a~1b~0c",)
    assert redacted({"a/b~c": 1, "a": {"b~c": 1}}, paths(schema)) == {
        "a/b~c": REDACTED,
        "a": {"b~c": 1},
    }


def test_kinds_that_hold_each_other_are_hidden_at_any_depth() -> None:
    schema = {
        "$ref": "#/$defs/A",
        "$defs": {
            "A": {"properties": {"b": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}}},
            "B": {
                "properties": {"x": {"writeOnly": True}, "all": {"items": {"$ref": "#/$defs/A"}}}
            },
        },
    }
    data = {"b": {"x": 1, "all": [{"b": {"x": 2, "all": []}}]}}

    shown = redacted(data, paths(schema))

    assert shown == {"b": {"x": REDACTED, "all": [{"b": {"x": REDACTED, "all": []}}]}}


def test_published_paths_come_back() -> None:
    hidden = hidden_in(Order, None, 3)

    assert read_hidden(hidden.published()) == hidden
    assert hidden.data(DATA, 3) == hidden.data(DATA, None) == SHOWN
    assert read_hidden(hidden_in(Card, Order, 1).published()) == hidden_in(Card, Order, 1)


def test_nothing_is_published_where_nothing_is_hidden() -> None:
    class Plain(Payload):
        """Nothing to hide."""

        n: int

    assert hidden_in(Plain, None, 1).published() == {}
    assert read_hidden({}) is None
    assert Hidden().data(DATA, 7) is DATA
    assert Hidden().of_result(DATA) is DATA


@pytest.mark.parametrize(
    "told", ["x", {"payload": 1}, {"payload": [], "result": [], "version": "x"}]
)
def test_what_another_version_published_hides_all(told: Any) -> None:
    assert read_hidden(told) == ALL


def test_payload_of_another_version_is_hidden_whole() -> None:
    shown = hidden_in(Order, None, 3).data(DATA, 2)

    assert set(shown.values()) == {REDACTED}


def test_too_many_paths_for_a_parameter_hide_all() -> None:
    long = {f"{'x' * 60}{n}": (Sensitive[str], "") for n in range(30)}
    made: type[BaseModel] = type(
        "Many",
        (BaseModel,),
        {"__annotations__": {name: kind for name, (kind, _) in long.items()}},
    )

    assert hidden_in(made, None, 1).payload == ("*",)


class Login(Payload):
    """One field that nobody sees, and one that all may."""

    password: Sensitive[str] = Field(alias="pass")
    user: str


@pytest.mark.parametrize(
    "option",
    [
        {"search_keys": ("pass",)},
        {"unique": Unique(by=("pass",))},
        {"concurrency_key": Concurrency(1, key="password"), "concurrency": 5},
        {"rate_limits": (RateLimit(1, per=timedelta(seconds=1), key="password"),)},
    ],
)
def test_sensitive_field_is_no_key(option: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="must be of what may be seen"):
        JobType(name="login", payload=Login, **option)


def test_other_fields_may_be_keys() -> None:
    JobType(name="login", payload=Login, search_keys=("user",), unique=Unique(by=("user",)))
