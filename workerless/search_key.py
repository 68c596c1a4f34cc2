"""Payload fields by whose value jobs are found without looking at every job. Pure.

A store keeps a digest of the value, never the value: keys of a table show up in logs and metrics.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

MAX_SEARCH_KEYS = 5
_DIGITS = 16
_SCALARS = {"string", "integer", "boolean", "null"}


def key_digest(text: str) -> str:
    """What stands for a value: 16 hexadecimal digits, which its record keeps too."""
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:_DIGITS]


def keys_of(fields: Sequence[str], data: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each of ``fields`` that ``data`` has a scalar in; others find nothing."""
    texts = {field: key_text(data.get(field)) for field in fields}
    return {field: key_digest(text) for field, text in texts.items() if text is not None}


def key_text(value: object) -> str | None:
    """The value as a caller writes it: 7 and "7" are the same; None where it is no key."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) and value != "" else None


def scalar_fields(schema: Mapping[str, Any]) -> list[str]:
    """The fields of a payload's JSON Schema that can be search keys, in their order."""
    kinds = schema.get("$defs", {})
    return [name for name, kind in schema.get("properties", {}).items() if _is_scalar(kind, kinds)]


def _is_scalar(kind: Mapping[str, Any], kinds: Mapping[str, Any]) -> bool:
    if "$ref" in kind:
        return _is_scalar(kinds[kind["$ref"].rpartition("/")[2]], kinds)
    for either in ("anyOf", "oneOf", "allOf"):
        if either in kind:
            return all(_is_scalar(one, kinds) for one in kind[either])
    values = kind.get("enum", [kind["const"]] if "const" in kind else None)
    if values is not None:
        return all(value is None or isinstance(value, str | int) for value in values)
    return kind.get("type") in _SCALARS
