"""The cursor of a long job: a value of the type that its job type declares, kept as JSON text."""

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError

from workerless.errors import DeclarationError, WorkerlessError
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.job_type import JobType

# Every write of a record is billed by all that is in it.
MAX_CURSOR_BYTES = 4_096


def check_cursor(job_type: "JobType[Any, Any]", kind: Any) -> None:
    """Raises ``DeclarationError``."""
    if job_type.tracking is Tracking.OFF:
        raise DeclarationError(
            f"{job_type.name}: cursor must be None with tracking off: it takes a record, "
            f"got {kind!r}"
        )
    try:
        _adapter(kind)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError) as error:
        raise DeclarationError(
            f"{job_type.name}: cursor must be None or a type that JSON can keep, like int, str or "
            f"a model, got {kind!r}"
        ) from error


def cursor_text(cursor: object, kind: Any) -> str:
    """``cursor`` as JSON. Raises ``ValueError`` for what is no ``kind``, or above 4 KiB."""
    if cursor is None:
        raise ValueError("a cursor must not be None, which stands for no checkpoint yet")
    adapter = _adapter(kind)
    data = adapter.dump_json(adapter.validate_python(cursor))
    if len(data) > MAX_CURSOR_BYTES:
        raise ValueError(
            f"a cursor must be at most {MAX_CURSOR_BYTES} bytes of JSON, got {len(data)}; keep the "
            "data elsewhere, and here where it is"
        )
    return data.decode()


def read_cursor(text: str, kind: Any) -> Any:
    """The cursor in ``text``.

    Raises ``WorkerlessError`` for one that an earlier or later version of the job type has kept and
    that does not fit this one.
    """
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        where = ", ".join(
            ".".join(map(str, one["loc"])) or "itself" for one in error.errors(include_input=False)
        )
        raise WorkerlessError(
            f"the cursor that the job has kept does not fit cursor={kind!r} ({where}); have new "
            "fields a default, and old ones stay until no job is left that has them"
        ) from error


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
