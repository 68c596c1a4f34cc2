"""Models that read some value from the text of JSON only.

To a strict date, UUID, enum, ``Decimal``, set, tuple or bytes, and to a type that has a schema of
its own for JSON, a text or a list that Python holds is of the wrong type. What came as JSON is not.
"""

import json
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError


def read_again[M: BaseModel](
    model: type[M], data: Any, error: ValidationError, *, extra: Literal["ignore"] | None
) -> M:
    """``data`` as the text of JSON, as ``model``; ``error`` is why it was none as what it is.

    Raises ``error`` where the text would make no difference, and what that is refused for.
    """
    if not _asks_for_text(model):
        raise error
    try:
        text = json.dumps(data)
    except (TypeError, ValueError, RecursionError):
        raise error from None
    try:
        return model.model_validate_json(text, extra=extra)
    except ValidationError as told:
        if told.errors(include_input=False, include_url=False)[0]["type"] == "json_invalid":
            raise error from None  # half a character, which no text says
        raise


@cache
def _asks_for_text(model: type[BaseModel]) -> bool:
    return _is_marked(model.__pydantic_core_schema__)


def _is_marked(part: Any) -> bool:
    if isinstance(part, dict):
        return (
            part.get("strict") is True
            or part.get("type") == "json-or-python"
            or any(_is_marked(one) for one in part.values())
        )
    return isinstance(part, list | tuple) and any(_is_marked(one) for one in part)
