"""What is wrong with a payload, without a word of what is in it.

Pydantic's own texts quote values, which have no business in an answer, a log or a terminal. Pure.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails
from pydantic_core.core_schema import ErrorType

from workerless.payload import read_data

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


class _Raised(ValueError):
    """What stands for an error that is none of validation; its own words may quote the data."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.name = _name(type(error).__name__)


def checked[M: BaseModel](
    model: type[M], data: Any, *, extra: Literal["ignore"] | None = None
) -> M:
    """What somebody gave, JSON, as ``model``; ``extra`` as of ``model_validate``.

    Raises ``pydantic.ValidationError``, also where a validator raises anything else: a worker
    would refuse such data, too. Of that error the class is told, as the validator may be at fault.
    """
    try:
        return read_data(model, data, extra=extra)
    except ValidationError:
        raise
    except Exception as error:
        raised = InitErrorDetails(type="value_error", ctx={"error": _Raised(error)}, input=None)
        raise ValidationError.from_exception_data(
            model.__name__, [raised], input_type="json", hide_input=True
        ) from error


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
        raised = details.get("ctx", {}).get("error")  # a custom error of that name has none
        which = f", which raised {raised.name}" if isinstance(raised, _Raised) else ""
        return f"does not pass the check that its model makes{which}"
    if kind in _KNOWN and not _TELLING & set(details.get("ctx", {})):
        return details["msg"][:1].lower() + details["msg"][1:]
    return f"is not valid ({_name(kind)})"


def _name(part: str | int) -> str:
    return "".join(one if one.isprintable() else "?" for one in str(part))[:_MAX_NAME]
