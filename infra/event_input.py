"""What EventBridge shall match, and what it shall send for an event: the message contract.

Each job has an id of its own for each source of each job type: one event may start several.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workerless.job_type import JobType
from workerless.source import FromEventBridge, FromS3

_ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInput:
    """An input transformer: variables by name, each with a path in the event, and a template."""

    paths: Mapping[str, str]
    template: str


def event_input(job_type: JobType[Any, Any], source: FromEventBridge | FromS3) -> EventInput:
    """The CloudEvent that a job of ``job_type`` is made of.

    A variable that stands bare becomes its value's JSON; in a text, the text of it.
    """
    own = {
        _ID: source.id_from if isinstance(source, FromEventBridge) else "$.id",
        "event": "$.id",
        "source": "$.source",
        "time": "$.time",
    }
    fields = {f"f{number}": one for number, one in enumerate((source.fields or {}).values())}
    data = {name: f"<f{number}>" for number, name in enumerate(source.fields or {})}
    told: dict[str, str | dict[str, str]] = {
        "specversion": '"1.0"',
        "id": f'"{job_type.name}--{source.name}:<{_ID}>"',
        "source": "<source>",
        "type": json.dumps(job_type.name),
        "time": "<time>",
        "dataschema": json.dumps(job_type.schema_id),
        "correlationid": '"<event>"',
        "data": "<detail>" if source.fields is None else data,
    }
    whole = {"detail": "$.detail"} if source.fields is None else {}
    return EventInput(paths={**own, **fields, **whole}, template=_object(told))


def event_pattern(
    source: FromEventBridge | FromS3, fill: Callable[[str], str]
) -> Mapping[str, Any]:
    """What the rule of ``source`` matches. ``fill`` puts in what is known when deploying."""
    if isinstance(source, FromEventBridge):
        return source.pattern
    keys = _keys(source.prefix, source.suffix)
    return {
        "source": ["aws.s3"],
        "detail-type": [one.value for one in source.on],
        "detail": {
            "bucket": {"name": [fill(source.bucket)]},
            **({"object": {"key": keys}} if keys else {}),
        },
    }


def _keys(prefix: str, suffix: str) -> list[dict[str, str]]:
    """Alternatives are any of them, so that both take a wildcard of their own."""
    if prefix and suffix:
        return [{"wildcard": f"{_literal(prefix)}*{_literal(suffix)}"}]
    return [{"prefix": prefix}] if prefix else [{"suffix": suffix}] if suffix else []


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _object(told: Mapping[str, str | Mapping[str, str]]) -> str:
    """JSON, but for the variables that stand bare in it."""
    parts = (
        f"{json.dumps(name)}:{value if isinstance(value, str) else _object(value)}"
        for name, value in told.items()
    )
    return "{" + ",".join(parts) + "}"
