"""JSON Schema as a contract keeps it: with what pydantic asks and JSON Schema has no word for.

Each word of ours begins with ``x-``; formats that are ours are ``decimal`` and those of names that
are numbers. What a worker reads with them is told by ``scalars``.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

DECIMALS = ("decimal", "any-decimal")
# Names of an object are texts; these are read as what their texts say.
_NAMES = ("integer", "number", "boolean")
_BOUNDS = {"ge": "x-min", "gt": "x-above", "le": "x-max", "lt": "x-below"}
_NUMBER_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")


class Detailed(GenerateJsonSchema):
    """Of the schemas that it makes, none is for anybody else: other tools know no word of ours."""

    def int_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().int_schema(schema), **self._strict(schema)}

    def float_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().float_schema(schema), **self._strict(schema)}

    def bool_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().bool_schema(schema), **self._strict(schema)}

    def str_schema(self, schema: Any) -> JsonSchemaValue:
        strips = schema.get("strip_whitespace", self._config.str_strip_whitespace)
        return {**super().str_schema(schema), **({"x-strips": True} if strips else {})}

    def url_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().url_schema(schema), **_schemes(schema)}

    def multi_host_url_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().multi_host_url_schema(schema), **_schemes(schema)}

    def date_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().date_schema(schema), **_moments(schema)}

    def datetime_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().datetime_schema(schema), **_moments(schema), **self._strict(schema)}

    def time_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().time_schema(schema), **_moments(schema)}

    def timedelta_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().timedelta_schema(schema), **_moments(schema)}

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        """A number or its text; true and false are neither."""
        number, text = super().decimal_schema(schema)["anyOf"]
        digits = _digits(schema)
        bounds = {name: number[name] for name in _NUMBER_BOUNDS if name in number}
        kind = DECIMALS[bool(schema.get("allow_inf_nan"))]
        text = {**text, **bounds, **digits, "format": kind}
        return {"anyOf": [{**number, **digits, "x-strict": True}, text]}

    def _common_dict_schema(self, schema: Any) -> JsonSchemaValue:
        keys = schema.get("keys_schema")
        return {
            **super()._common_dict_schema(schema),
            **(_names(self.generate_inner(keys)) if keys else {}),
        }

    def _strict(self, schema: Mapping[str, Any]) -> dict[str, bool]:
        return {"x-strict": True} if schema.get("strict", self._config.strict) else {}


def _schemes(schema: Mapping[str, Any]) -> dict[str, Any]:
    schemes = schema.get("allowed_schemes")
    return {"x-schemes": sorted(schemes)} if schemes else {}


def _moments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Bounds of a date or time; a duration's are seconds."""
    told = {ours: _told(schema[name]) for name, ours in _BOUNDS.items() if name in schema}
    if "tz_constraint" in schema:
        told["x-zone"] = schema["tz_constraint"]
    if "now_op" in schema:
        told["x-now"] = schema["now_op"]
    return told


def _told(moment: Any) -> float | str:
    if isinstance(moment, timedelta):
        return moment.total_seconds()
    text: str = moment.isoformat()
    return text


def _digits(schema: Mapping[str, Any]) -> dict[str, int]:
    told = {"x-max-digits": schema.get("max_digits"), "x-max-places": schema.get("decimal_places")}
    found = {name: value for name, value in told.items() if value is not None}
    if len(found) == len(told):
        found["x-max-whole"] = found["x-max-digits"] - found["x-max-places"]
    return found


def _names(keys: Mapping[str, Any]) -> dict[str, Any]:
    """What the names of an object must say, where they are no texts."""
    for one in (keys, *keys.get("anyOf", ())):
        if one.get("format") in DECIMALS:
            return {"propertyNames": {name: one[name] for name in one if name != "type"}}
    kind = keys.get("type")
    if kind not in _NAMES:
        return {}
    said = {name: value for name, value in keys.items() if name not in {"type", "title"}}
    return {"propertyNames": {**said, "format": kind}}
