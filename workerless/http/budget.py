"""Keeps an answer below what Lambda can give: payloads and results may be bigger than that. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
from typing import Any

# Of 6 MB, in which the body is a string of JSON: each quotation mark is two characters.
_ANSWER_BYTES = 2_500_000


class Budget:
    """What may still be said in one answer."""

    def __init__(self) -> None:
        self._left = _ANSWER_BYTES

    def fit(self, **parts: Any) -> tuple[dict[str, Any], list[str]]:
        """The ``parts`` that fit, None for each other one, and the names of those."""
        kept: dict[str, Any] = {}
        for name, value in parts.items():
            size = len(json.dumps(value, default=str))
            kept[name] = value if size <= self._left else None
            self._left -= size if size <= self._left else 0
        return kept, [name for name, value in parts.items() if kept[name] is not value]
