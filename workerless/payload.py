"""What a job is given and what it gives back: pydantic models, JSON only.

Producers build a ``Payload`` and meet a strict model: an unknown field is an error. Workers read
the same model leniently: a field they do not know is ignored, so a rollback can read newer
messages.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from workerless.errors import EnqueueRefusedError
from workerless.limits import MAX_JSON_DEPTH


class Payload(BaseModel):
    """The input of one job. Two payloads are the same when their canonical JSON is."""

    # Infinity stays itself, to be refused: by default pydantic quietly turns it into null.
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        return _shown(self, super().__repr_args__())


class Result(BaseModel):
    """What one completed job gives back; stored with its record."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        return _shown(self, super().__repr_args__())


def _shown(
    model: BaseModel, told: Iterable[tuple[str | None, Any]]
) -> Iterator[tuple[str | None, Any]]:
    if "workerless.sensitive" not in sys.modules:  # so nothing here is
        return iter(told)
    from workerless.sensitive import shown  # noqa: PLC0415 -- it is there already

    return shown(model, told)


def read_payload[P: Payload](model: type[P], data: Any) -> P:
    """The payload in ``data``, unknown fields ignored. Raises ``pydantic.ValidationError``."""
    return read_data(model, data, extra="ignore")


def read_data[M: BaseModel](
    model: type[M], data: Any, *, extra: Literal["ignore"] | None = None
) -> M:
    """``data``, which came as JSON, as ``model``; ``extra`` as of ``model_validate``.

    Raises ``pydantic.ValidationError``, and what else the model's own validators raise.
    """
    try:
        return model.model_validate(data, extra=extra)
    except ValidationError as error:
        from workerless.reading_text import read_again  # noqa: PLC0415 -- most messages fit

        return read_again(model, data, error, extra=extra)


def json_data(model: BaseModel) -> dict[str, Any]:
    """``model`` as JSON data that the model can read, fields under their aliases.

    Raises ``ValueError``, which pydantic's errors are: for what no JSON can say, and for values
    that are not their fields', as ``model_construct`` lets them be.
    """
    try:
        return model.model_dump(mode="json", by_alias=True, warnings="error")
    except PydanticSerializationError:
        # Nobody validates a default: it may be of another type, and yet be read as its field.
        data = model.model_dump(mode="json", by_alias=True, warnings=False)
    read_data(type(model), data, extra="ignore")
    return data


def canonical_json(data: Any) -> str:
    """JSON with sorted keys, no spaces and only ASCII: equal values give equal text.

    Escaping everything beyond ASCII keeps control characters and lone surrogates, which SQS
    refuses, out of the message. Raises ``ValueError`` for NaN and infinities: JSON has neither.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def strict_json(text: str) -> Any:
    """What ``text`` says. Raises ``ValueError`` for what only Python takes for JSON."""
    return _STRICT.decode(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # Python's reading of 1e999, which no JSON can then say
        raise ValueError(f"{text[:20]} is more than a number can hold")
    return number


# Made once: a decoder takes as long to make as a body to read.
_STRICT = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits; the default idempotency key."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def check_unicode(text: str) -> None:
    """Raises ``UnicodeEncodeError`` if JSON ``text`` spells half a character.

    No file, no service and no other language could take such a string.
    """
    if "\\ud" in text or "\\uD" in text or not text.isascii():
        json.dumps(json.loads(text), ensure_ascii=False).encode()


def depth(value: Any) -> int:
    """Levels of nesting, counted breadth first: recursion is what this protects from."""
    level, levels = [value], 0
    while level := [
        inner
        for outer in level
        if isinstance(outer, dict | list | tuple)
        for inner in (outer.values() if isinstance(outer, dict) else outer)
    ]:
        levels += 1
        if levels > MAX_JSON_DEPTH:
            break
    return levels


def payload_key(payload: Payload, *fields: str) -> str:
    """An idempotency key of the payload's own: the SHA-256 of ``fields``, or of all of it.

    Raises ``EnqueueRefusedError`` for a field the payload does not have, or that is no JSON.
    """
    unknown = set(fields) - set(type(payload).model_fields)
    if unknown:
        raise EnqueueRefusedError(
            f"fields must be among those of {type(payload).__name__}, got {sorted(unknown)}"
        )
    try:
        return digest(payload.model_dump(mode="json", include=set(fields) or None))
    except (ValueError, RecursionError) as error:
        raise EnqueueRefusedError(f"the payload must be JSON: {error}") from error
