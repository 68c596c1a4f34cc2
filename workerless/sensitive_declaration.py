"""What a job type with sensitive fields may not say: keys are stored beside payloads, and shown."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, PydanticUserError

from workerless.errors import DeclarationError
from workerless.sensitive import PROBLEM, paths_of
from workerless.sensitive_schema import untold

if TYPE_CHECKING:
    from workerless.job_type import JobType


def check_sensitive(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError``. Of few possible values, a digest gives away which one it is."""
    payload = job_type.payload
    _check_told(job_type, payload)
    if job_type.result is not None:
        _check_told(job_type, job_type.result)
    if {*paths_of(payload)} - {"*"} and _marks_names(payload.__pydantic_core_schema__):
        raise DeclarationError(
            f"{job_type.name}: the names of a dict cannot be sensitive by themselves, as errors "
            "tell them; mark the whole: Sensitive[dict[str, int]]"
        )
    hidden = {path.split("/")[0] for path in paths_of(payload)}
    hidden |= {name for name, field in payload.model_fields.items() if _name(name, field) in hidden}
    for option, key in _keys(job_type):
        if key in hidden or hidden == {"*"}:
            raise DeclarationError(
                f"{job_type.name}: {option} must be of what may be seen, got {key!r}, in which "
                "there is a sensitive value; take an id that stands for it"
            )


def _check_told(job_type: "JobType[Any, Any]", model: type[BaseModel]) -> None:
    """What has no JSON Schema at all is hidden whole."""
    try:
        lost = untold(model, PROBLEM)
    except PydanticUserError:
        return
    if lost:
        raise DeclarationError(
            f"{job_type.name}: {model.__name__}.{lost[0]} is sensitive, and its JSON Schema does "
            "not say so: WithJsonSchema, PlainValidator or a serializer beside or around it has "
            "taken that away; put it within, as in Sensitive[Annotated[str, WithJsonSchema(...)]]"
        )


def _marks_names(node: Any) -> bool:
    """Whether anywhere in pydantic's own schema a dict has keys that are sensitive."""
    if isinstance(node, Mapping):
        return _is_marked(node.get("keys_schema")) or any(map(_marks_names, node.values()))
    return isinstance(node, list | tuple) and any(map(_marks_names, node))


def _is_marked(node: Any) -> bool:
    if isinstance(node, Mapping):
        return node.get("custom_error_type") == PROBLEM or any(map(_is_marked, node.values()))
    return isinstance(node, list | tuple) and any(map(_is_marked, node))


def _keys(job_type: "JobType[Any, Any]") -> Iterator[tuple[str, object]]:
    yield from (("search_keys", key) for key in job_type.search_keys)
    yield from (("unique", key) for key in (job_type.unique and job_type.unique.by) or ())
    if job_type.concurrency_key is not None:
        yield "concurrency_key", job_type.concurrency_key.key
    yield from (("rate_limits", limit.key) for limit in job_type.rate_limits)


def _name(name: str, field: Any) -> str:
    return str(field.serialization_alias or field.alias or name)
