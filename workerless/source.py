"""Where jobs of a type come from besides callers: events of EventBridge, of S3 and of SNS.

Each source is a rule, or a subscription, that sends to the job type's queue what ``docs/events.md``
says; ``infra.event_input`` writes it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from workerless.data_ref import error_prefix, payload_prefix, result_prefix
from workerless.errors import DeclarationError
from workerless.naming import ARCHIVE
from workerless.payload import Payload
from workerless.permission import check_placeholders

if TYPE_CHECKING:
    from workerless.job_type import JobType

MAX_SOURCES = 10
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_MAX_NAME_LENGTH = 40
# EventBridge's own JSON paths, which know neither filters nor slices; of one value, so no wildcard.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_/-]+(?:\[[0-9]+\])?)+")
# It knows no way to write a '<' that begins no variable.
_FIELD = re.compile(r"[A-Za-z0-9_.-]+")
_MAX_FIELDS = 90
_MAX_PATTERN_LENGTH = 2_048
_MAX_TEMPLATE_LENGTH = 8_192 - 512


class ObjectEvent(StrEnum):
    """What happened to an object."""

    CREATED = "Object Created"
    DELETED = "Object Deleted"


@dataclass(frozen=True, slots=True)
class FromEventBridge:
    """A job for each event of ``bus`` that ``pattern`` matches: EventBridge's own, as data.

    ``fields`` are those of the payload, each with the path of its value in the event, as in
    ``{"order_id": "$.detail.order.id"}``; with None the event's ``detail`` is the payload. Events
    with one value at ``id_from`` are one job. ``bus`` is a name, and may hold the placeholders of
    ``workerless.permission``. Raises ``DeclarationError``.
    """

    name: str
    pattern: Mapping[str, Any]
    _: KW_ONLY
    fields: Mapping[str, str] | None = None
    id_from: str = "$.id"
    bus: str = "default"

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_pattern(self.name, "pattern", self.pattern)
        _check_fields(self.name, self.fields)
        if not _PATH.fullmatch(self.id_from):
            raise _error(self.name, "id_from", "a path like '$.detail.order.id'", self.id_from)
        check_placeholders(f"source {self.name}: bus", self.bus)

    @property
    def description(self) -> str:
        return f"events of bus `{self.bus}` like `{json.dumps(self.pattern)}`"


@dataclass(frozen=True, slots=True)
class FromS3:
    """A job for each object of ``bucket`` below ``prefix``, its key ending in ``suffix``.

    ``bucket`` is a name that may hold placeholders, by default the project's own; another one must
    have its events sent to EventBridge. ``on`` is what must happen to the object. ``fields`` as in
    ``FromEventBridge``. Raises ``DeclarationError``.
    """

    name: str
    _: KW_ONLY
    prefix: str = ""
    suffix: str = ""
    bucket: str = "{bucket}"
    on: tuple[ObjectEvent, ...] = (ObjectEvent.CREATED,)
    fields: Mapping[str, str] = field(
        default_factory=lambda: {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"}
    )

    def __post_init__(self) -> None:
        _check_name(self.name)
        check_placeholders(f"source {self.name}: bucket", self.bucket)
        _check_fields(self.name, self.fields)
        if not self.on or not all(isinstance(one, ObjectEvent) for one in self.on):
            raise _error(self.name, "on", "a tuple of ObjectEvent, one at least", self.on)
        if self.is_ours and not _is_apart(self.prefix):
            allowed = (
                "a folder of your own in the project's bucket, as 'uploads/': what Workerless "
                "itself writes would make jobs that write"
            )
            raise _error(self.name, "prefix", allowed, self.prefix)

    @property
    def description(self) -> str:
        happened = ", ".join(self.on)
        return f"{happened}: `{self.prefix}*{self.suffix}` in bucket `{self.bucket}`"

    @property
    def is_ours(self) -> bool:
        """Whether it watches the bucket of the stage."""
        return self.bucket == "{bucket}"


@dataclass(frozen=True, slots=True)
class FromSns:
    """A job for each message of ``topic``, an ARN that may hold placeholders.

    ``filter`` is a filter policy of SNS on a message's attributes, or, with ``by_body``, on what is
    in it. The message is the payload as JSON, or a CloudEvent. Raises ``DeclarationError``.
    """

    name: str
    topic: str
    _: KW_ONLY
    filter: Mapping[str, Any] | None = None
    by_body: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        check_placeholders(f"source {self.name}: topic", self.topic)
        if not self.topic.startswith("arn:"):
            raise _error(self.name, "topic", "an ARN ('arn:{partition}:sns:...')", self.topic)
        if self.filter is not None:
            _check_pattern(self.name, "filter", self.filter)
        elif self.by_body:
            raise _error(self.name, "by_body", "False without a filter", self.by_body)

    @property
    def description(self) -> str:
        like = f" like `{json.dumps(self.filter)}`" if self.filter else ""
        return f"messages of topic `{self.topic}`{like}"


type Source = FromEventBridge | FromS3 | FromSns


def watches_files(job_type: "JobType[Any, Any]") -> bool:
    """Whether it hears of the objects in the stage's own bucket."""
    return any(isinstance(one, FromS3) and one.is_ours for one in job_type.sources)


def check_sources(job_type: str, sources: object, payload: type[Payload]) -> None:
    """Raises ``DeclarationError`` for sources that a job type like this cannot declare."""
    kinds = FromEventBridge | FromS3 | FromSns
    if not (isinstance(sources, tuple) and all(isinstance(one, kinds) for one in sources)):
        allowed = "a tuple of FromEventBridge, FromS3 and FromSns"
        raise DeclarationError(f"{job_type}: sources must be {allowed}, got {sources!r}")
    if len(sources) > MAX_SOURCES:
        raise DeclarationError(
            f"{job_type}: sources must be at most {MAX_SOURCES}, got {len(sources)}"
        )
    names = [one.name for one in sources]
    for one in sources:
        if names.count(one.name) > 1:
            raise _error(one.name, "name", f"its own in {job_type}", "it twice")
        if not isinstance(one, FromSns) and one.fields is not None:
            _check_fit(job_type, one.name, one.fields, payload)


def _check_fit(
    job_type: str, source: str, fields: Mapping[str, str], payload: type[Payload]
) -> None:
    """Whether the payload has such fields, and each that it cannot do without is given."""
    known = {_told(name, one) for name, one in payload.model_fields.items()}
    needed = {_told(name, one) for name, one in payload.model_fields.items() if one.is_required()}
    strange, missing = sorted(fields.keys() - known), sorted(needed - fields.keys())
    if strange or missing:
        problem = f"has no {strange[0]!r}" if strange else f"needs {missing[0]!r}"
        raise DeclarationError(
            f"{job_type}: source {source}: fields must be those of {payload.__name__}, which "
            f"{problem}, got {sorted(fields)}"
        )


def _told(name: str, one: Any) -> str:
    """A field's name in JSON."""
    return one.validation_alias if isinstance(one.validation_alias, str) else one.alias or name


def _is_apart(prefix: str) -> bool:
    """Whether nothing that Workerless writes lies below ``prefix``."""
    ours = [one("").partition("/")[0] for one in (payload_prefix, result_prefix, error_prefix)]
    ours.append(ARCHIVE.partition("/")[0])
    folders = [f"{one}/" for one in ours]
    return not any(one.startswith(prefix) or prefix.startswith(one) for one in folders)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME_LENGTH:
        allowed = f"1 to {_MAX_NAME_LENGTH} letters and digits, in lower-case words joined by '_'"
        raise _error(name, "name", allowed, name)


def _check_pattern(source: str, where: str, pattern: object) -> None:
    if not isinstance(pattern, Mapping) or not pattern:
        raise _error(source, where, "an object with one field at least", pattern)
    try:
        size = len(json.dumps(pattern))
    except (TypeError, ValueError, RecursionError) as error:
        raise _error(source, where, f"JSON ({error})", pattern) from error
    if size > _MAX_PATTERN_LENGTH:
        raise _error(source, where, f"at most {_MAX_PATTERN_LENGTH} characters of JSON", size)
    _check_leaves(source, where, pattern)


def _check_leaves(source: str, where: str, pattern: Mapping[str, Any]) -> None:
    """Values stand in lists, the alternatives; all else that AWS may refuse it says itself."""
    for key, value in pattern.items():
        if isinstance(value, Mapping) and value:
            _check_leaves(source, f"{where}.{key}", value)
        elif not isinstance(value, list) or not value:
            allowed = "a list of alternatives, one at least, or an object of such"
            raise _error(source, f"{where}.{key}", allowed, value)


def _check_fields(source: str, fields: Mapping[str, str] | None) -> None:
    for name, path in (fields or {}).items():
        if not _FIELD.fullmatch(name) or not _PATH.fullmatch(path):
            allowed = "names of letters, digits and '_.-', with paths like '$.detail.order.id'"
            raise _error(source, "fields", allowed, {name: path})
    length = sum(len(name) + 16 for name in fields or {})
    if fields is not None and (len(fields) > _MAX_FIELDS or length > _MAX_TEMPLATE_LENGTH):
        raise _error(source, "fields", f"at most {_MAX_FIELDS}, with short names", len(fields))


def _error(source: str, field: str, allowed: str, got: object) -> DeclarationError:
    return DeclarationError(f"source {source}: {field} must be {allowed}, got {got!r}")
