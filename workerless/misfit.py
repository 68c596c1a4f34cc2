"""What is wrong with a payload, without a word of what is in it.

Pydantic's own texts quote values, which have no business in an answer, a log or a terminal. Pure.
"""

from dataclasses import dataclass
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

_KNOWN = frozenset(get_args(ErrorType))
# What an error says besides the rule that was broken: parts of the value, or a validator's words.
_TELLING = {"error", "tag", "tz_actual", "encoding_error"}
_MAX_NAME = 40
_SENSITIVE = "sensitive"
_OWN_CHECKS = ("value_error", "assertion_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """The first field that does not fit, as a path with dots, and the rule that it breaks."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def misfit(error: ValidationError, *, below: str = "data") -> Misfit:
    """What ``error`` says first; the path begins with ``below``."""
    return first_misfit(error.errors(include_url=False, include_input=False)[0], below=below)


def first_misfit(details: ErrorDetails, *, below: str = "") -> Misfit:
    """The same for one of its errors."""
    names = [below, *(_name(part) for part in details["loc"])]
    return Misfit(field=".".join(name for name in names if name), message=_message(details))


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == _SENSITIVE:
        return details["msg"]
    if kind in _OWN_CHECKS:
        return "does not pass the check that its model makes"
    if kind in _KNOWN and not _TELLING & set(details.get("ctx", {})):
        return details["msg"][:1].lower() + details["msg"][1:]
    return f"is not valid ({_name(kind)})"


def _name(part: str | int) -> str:
    return "".join(one if one.isprintable() else "?" for one in str(part))[:_MAX_NAME]
