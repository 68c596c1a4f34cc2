"""problems: what each keyword of a reader asks, in the words that people get."""

from typing import Any

import pytest

from workerless.contract.accepts import problems

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
X = {"type": "object", "properties": {"kind": {"const": "x"}, "a": WHOLE}}
Y = {"type": "object", "properties": {"kind": {"const": "y"}, "b": TEXT}, "required": ["b"]}
BYTES = {"type": "string", "format": "binary"}
TAGGED = {"oneOf": [X, Y], "discriminator": {"propertyName": "kind"}}
OF_X, OF_Y = 'object with kind "x"', 'object with kind "y"'


def says(reader: Any, writer: Any) -> list[str]:
    """Of a field ``f`` that each of them has."""
    pair = ({"type": "object", "properties": {"f": one}} for one in (reader, writer))
    return [f"{one.path} {one.says}" for one in problems(*pair)]


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ({}, TEXT),
        (NUMBER, WHOLE),
        ({"type": ["integer", "null"]}, {"anyOf": [{"type": "null"}, WHOLE]}),
        ({**WHOLE, "minimum": 1}, {**WHOLE, "exclusiveMinimum": 0}),
        ({**WHOLE, "exclusiveMaximum": 3}, {**WHOLE, "maximum": 2}),
        ({**NUMBER, "exclusiveMinimum": 0}, {**NUMBER, "exclusiveMinimum": 0}),
        ({**WHOLE, "multipleOf": 2}, {**WHOLE, "multipleOf": 4}),
        ({**NUMBER, "multipleOf": 1}, WHOLE),
        ({**WHOLE, "minimum": 1, "maximum": 2}, {"enum": [1, 2]}),
        ({**TEXT, "pattern": "^a", "minLength": 2}, {"enum": ["ab", "abc"]}),
        (TEXT, {**TEXT, "format": "date"}),
        ({**TEXT, "format": "password"}, TEXT),
        ({**TEXT, "maxLength": 3}, {**BYTES, "maxLength": 3}),
        ({**BYTES, "minLength": 3, "maxLength": 12}, {**TEXT, "minLength": 3, "maxLength": 3}),
        ({**BYTES, "maxLength": 3}, {"enum": ["abc", "\N{EURO SIGN}"]}),
        ({"type": "array", "items": TEXT}, {"type": "array", "prefixItems": [TEXT], "items": TEXT}),
        ({"type": "array", "uniqueItems": True}, {"type": "array"}),
        ({"type": "array", "uniqueItems": False}, {"type": "array"}),
        ({"type": "object", "minProperties": 1}, {**Y}),
        ({"type": "object", "additionalProperties": {}}, X),
        (TAGGED, {**Y, "required": ["b", "kind"]}),
        (X, {**X, "additionalProperties": False, "required": ["a"]}),
        ({"allOf": [NUMBER, {"minimum": 1}]}, {**WHOLE, "minimum": 1}),
        ({"allOf": [{"minimum": 1}, {"minimum": 2}]}, {"allOf": [{"minimum": 1}, {"minimum": 2}]}),
        ({"type": "integer", "anyOf": [{"minimum": 1}, TEXT]}, {**WHOLE, "minimum": 3}),
        (WHOLE, {"allOf": [WHOLE, NUMBER]}),
        (TEXT, {"allOf": [WHOLE, TEXT]}),  # which nothing is
        (TEXT, {"const": 1, "type": "string"}),  # the same
        (False, {"enum": []}),
        ({**TEXT, "example": 1}, {**TEXT, "x-ours": 2}),  # words of a team's own
    ],
)
def test_reader_takes_it(reader: Any, writer: Any) -> None:
    assert says(reader, writer) == []


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (WHOLE, NUMBER, "takes integer, may be number"),
        (WHOLE, {}, "takes integer, may be anything"),
        ({"type": ["integer", "null"]}, TEXT, "takes integer or null, may be string"),
        (False, TEXT, "takes nothing, may be string"),
        ({"enum": list("abcdefg")}, {"const": "z"}, '"d" or "e" or 2 more, may be "z"'),
        ({"const": 1}, {"const": True}, "takes 1, may be true"),
        ({**NUMBER, "exclusiveMinimum": 0}, {**NUMBER, "minimum": 0}, "takes > 0, may be >= 0"),
        ({**NUMBER, "maximum": 2.5}, NUMBER, "takes <= 2.5, may be any number"),
        ({**WHOLE, "multipleOf": 2}, WHOLE, "takes multiples of 2, may be others"),
        ({"type": "object", "minProperties": 1}, X, "takes at least 1 fields, may have 0"),
        ({"type": "object", "additionalProperties": WHOLE}, {"type": "object"}, "be anything"),
        ({**TEXT, "minLength": 1}, TEXT, "takes at least 1 characters, may have 0"),
        ({"type": "array", "maxItems": 2}, {"type": "array"}, "at most 2 items, may have any"),
        ({**TEXT, "maxLength": 2}, {**TEXT, "maxLength": 3}, "at most 2 characters, may have 3"),
        ({**BYTES, "maxLength": 3}, {**TEXT, "maxLength": 3}, "at most 3 bytes, may have 12"),
        ({**TEXT, "minLength": 3}, {**BYTES, "minLength": 5}, "at least 3 characters, may have 2"),
        ({**TEXT, "minLength": 3}, {**TEXT, "minLength": 2}, "at least 3 characters, may have 2"),
        ({**WHOLE, "exclusiveMinimum": 0}, {**WHOLE, "minimum": 0}, "takes >= 1, may be >= 0"),
        ({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^b"}, "takes texts of ^a, may be ^b"),
        ({**TEXT, "pattern": "^a"}, TEXT, "takes texts of ^a, may be any text"),
        ({**TEXT, "pattern": "^a"}, {"const": "b"}, 'takes texts of ^a, may be "b"'),
        ({**TEXT, "pattern": r"\p{L}"}, {"const": "b"}, 'may be "b"'),  # no pattern of Python's
        ({**TEXT, "format": "date"}, TEXT, "takes format date, may be any text"),
        (
            {**TEXT, "format": "date"},
            {**TEXT, "format": "time"},
            "takes format date, may be format time",
        ),
        (
            {"type": "array", "uniqueItems": True, "minItems": 2},
            {"type": "array", "minItems": 2},
            "takes at least 2 different items, may have 1",
        ),
        ({"not": {"$ref": "#/$defs/A"}}, {"not": {"$ref": "#/$defs/A"}}, "not must be"),
        ({"allOf": [{"minimum": 1}, {"minimum": 2}]}, {"minimum": 1}, "takes >= 2, may be >= 1"),
        ({"minLength": 2}, {"allOf": [{"minLength": 1}, {**TEXT, "minLength": 0}]}, "may have 1"),
        ({"maxItems": 2}, {"allOf": [{"maxItems": 3}, {"maxItems": 4}]}, "may have 3"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, {"pattern": "b"}, "allOf must be"),
    ],
)
def test_reader_does_not_take_it(reader: Any, writer: Any, expected: str) -> None:
    (said,) = says(reader, writer)

    assert expected in said


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (Y, X, ["payload.f.b is required, is never there", 'payload.f.kind takes "y", may be "x"']),
        (
            TAGGED,
            {"type": "object", "properties": {"kind": {"const": "z"}}},
            [f'payload.f takes {OF_X} or {OF_Y}, may be object with kind "z"'],
        ),
        (TAGGED, X, ["payload.f.kind is required, may be absent"]),
        (
            {"oneOf": [X, {**Y, "properties": {"kind": {"const": "y"}, "b": WHOLE}}]},
            Y,
            ["payload.f.b takes integer, may be string"],
        ),
        (
            {"type": "array", "prefixItems": [TEXT, WHOLE], "minItems": 2, "maxItems": 2},
            {"type": "array", "prefixItems": [TEXT, TEXT], "minItems": 2, "maxItems": 2},
            ["payload.f[1] takes integer, may be string"],
        ),
        (
            {"type": "object", "additionalProperties": WHOLE},
            {"type": "object", "properties": {"a": TEXT, "b": WHOLE}},
            ["payload.f.a takes integer, may be string"],
        ),
        (
            {"type": "object", "additionalProperties": WHOLE},
            {"type": "object", "additionalProperties": TEXT},
            ["payload.f[] takes integer, may be string"],
        ),
        (
            {"type": "object", "properties": {"a": WHOLE}},
            {"type": "object", "additionalProperties": TEXT},
            ["payload.f.a takes integer, may be string"],
        ),
        (
            {"type": "object", "properties": {"a": WHOLE}},
            {"type": "object", "patternProperties": {"^a": TEXT}},
            ["payload.f.a takes integer, may be string"],
        ),
        (
            {"type": "object", "patternProperties": {"^a": WHOLE}},
            {"type": "object", "properties": {"a": WHOLE, "b": WHOLE}},
            ["payload.f.b takes nothing, may be integer"],
        ),
        (
            {"type": "object", "patternProperties": {"^a": WHOLE}},
            {"type": "object", "patternProperties": {"^b": WHOLE}},
            ["payload.f[] takes nothing, may be integer"],
        ),
        (
            {"type": "object", "propertyNames": {"enum": ["a"]}},
            {"type": "object", "properties": {"a": WHOLE, "b": WHOLE}},
            ['payload.f (names) takes "a", may be "b"'],
        ),
        (
            {"type": "object", "propertyNames": {"enum": ["a"]}},
            {"type": "object", "patternProperties": {"^b": WHOLE}},
            ['payload.f (names) takes "a", may be string'],
        ),
        (
            {"type": "object", "propertyNames": {"enum": ["a"]}},
            {"type": "object", "additionalProperties": WHOLE},
            ['payload.f (names) takes "a", may be string'],
        ),
    ],
)
def test_it_is_told_where(reader: Any, writer: Any, expected: list[str]) -> None:
    assert says(reader, writer) == expected


def test_model_within_itself_is_followed_once() -> None:
    def tree(value: Any) -> Any:
        kids = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
        inner = {"type": "object", "properties": {"value": value, "kids": kids}}
        return {"type": "object", "properties": inner["properties"], "$defs": {"Tree": inner}}

    assert problems(tree(NUMBER), tree(WHOLE)) == []
    assert {one.path for one in problems(tree(WHOLE), tree(NUMBER))} == {
        "payload.value",
        "payload.kids[].value",
    }
