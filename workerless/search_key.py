"""Payload fields by whose value jobs are found without looking at every job. Pure.

A store keeps a digest of the value, never the value: keys of a table show up in logs and metrics.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

_DIGITS = 32


def key_digest(text: str) -> str:
    """What stands for a value: 32 hexadecimal digits."""
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
