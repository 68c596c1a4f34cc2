"""The message contract: what is in the body of a queue message.

A body is a CloudEvents 1.0 event in JSON (structured mode), or a *bare payload*: any JSON object
without ``specversion`` is the payload itself, and the job's id is then the SQS message id. An
event without the extension ``generation`` comes from a foreign producer and is a new job under
its own ``id``; ours carry it, because they have a record from the start.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from workerless.data_ref import DataRef, data_ref, payload_prefix
from workerless.frozen import frozen
from workerless.limits import (
    MAX_ATTEMPTS,
    MAX_BODY_BYTES,
    MAX_GROUP_ID_LENGTH,
    MAX_JOB_ID_LENGTH,
    MAX_JSON_DEPTH,
)
from workerless.payload import canonical_json, check_unicode, depth, digest, strict_json

if TYPE_CHECKING:
    from workerless.scheduled import Scheduled

JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,%s}".replace("%s", str(MAX_JOB_ID_LENGTH - 1)))
TENANT = re.compile(r"[!-~]{1,%s}".replace("%s", str(MAX_GROUP_ID_LENGTH)))
_SCHEMA_ID = re.compile(r"urn:workerless:(?P<name>[a-z0-9_.]+):(?P<version>[1-9][0-9]{0,5})")
_MAX_TEXT = 256
# Far beyond any number of redrives, and within DynamoDB's 38 digits.
_MAX_GENERATION = 1_000_000
_RARE = frozenset(("priority", "expirytime", "tags", "batchid", "scheduleid", "jobdepth"))
# More than all attributes of an event together can take.
_ENVELOPE_BYTES, _MOST_GROWTH = 8_192, 6
_TOO_DEEP = f"a payload may be nested at most {MAX_JSON_DEPTH} deep"


class MalformedMessage(Exception):
    """The body is no message of this queue. ``reason`` is one word for record and dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@frozen
class Message:
    """One job on its way. ``generation`` is None for a job that has no record yet.

    ``version`` is that of the payload, None where the message does not tell. ``attempts`` lowers
    the job type's own number for a job without a record. The job does not begin after ``start_by``.
    ``lane`` is where it goes when it is sent again; None is the default one. A payload that is too
    big for a message is in the file of ``ref``; ``data`` is empty until somebody fetches it, and
    never sent. ``member_of``: see ``membership``; ``depth``: see ``depth``.
    """

    job_id: str
    job_type: str
    data: Mapping[str, Any]
    version: int | None = None
    generation: int | None = None
    attempts: int | None = None
    time: datetime | None = None
    source: str = "workerless"
    tenant: str | None = None
    lane: str | None = None
    start_by: datetime | None = None
    correlation_id: str | None = None
    parent_id: str | None = None
    traceparent: str | None = None
    tags: tuple[str, ...] = ()
    member_of: str | None = None
    depth: int = 0
    schedule: "Scheduled | None" = None
    ref: DataRef | None = None

    @property
    def digest(self) -> str:
        """The payload's; of a file, what its reference says."""
        return self.ref.digest if self.ref else digest(self.data)

    def body(self) -> str:
        """The event as JSON text, ASCII only.

        Raises ``ValueError`` for NaN, infinities and lone surrogates.
        """
        schema = f"urn:workerless:{self.job_type}:{self.version}" if self.version else None
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.job_id,
            "source": self.source,
            "type": self.job_type,
            "time": self.time.isoformat() if self.time else None,
            "datacontenttype": "application/json",
            "dataschema": schema,
            "generation": self.generation,
            "attempts": self.attempts,
            "tenant": self.tenant,
            "priority": self.lane,
            "expirytime": self.start_by.isoformat() if self.start_by else None,
            "correlationid": self.correlation_id,
            "parentid": self.parent_id,
            "traceparent": self.traceparent,
            "tags": ",".join(self.tags) or None,
            "batchid": self.member_of,
            "jobdepth": self.depth or None,
            **(self.schedule.extensions() if self.schedule else {}),
            "data": None if self.ref else self.data,
            "dataref": self.ref.uri if self.ref else None,
            "datadigest": self.ref.digest if self.ref else None,
        }
        text = canonical_json({name: value for name, value in event.items() if value is not None})
        check_unicode(text)
        if depth(self.data) > MAX_JSON_DEPTH:
            raise ValueError(_TOO_DEEP)
        return text


def read(body: str, *, job_type: str, message_id: str, bucket: str | None = None) -> Message:
    """The message in ``body``, as found in the queue of ``job_type``.

    ``bucket`` is the only one that a claim check may refer to; None, of who fetches none: any.
    Raises ``MalformedMessage``: ``not_json``, ``not_unicode``, ``not_an_object``, ``too_large``,
    ``too_deep``, ``unknown_envelope`` (a specversion other than 1.0), ``invalid_envelope`` or
    ``wrong_queue``.
    """
    event = _parse(body)
    if "TopicArn" in event:
        from workerless.notification import published  # noqa: PLC0415 -- few hear of topics

        told, message_id = published(event, job_type) or (body, message_id)
        event = _json_object(told)
    if "specversion" not in event:
        bare = Message(job_id=message_id, job_type=job_type, data=_shallow(event), source="bare")
        return _resendable(bare, body)
    if event["specversion"] != "1.0":
        raise MalformedMessage(
            "unknown_envelope", f"specversion must be '1.0', got {_shown(event['specversion'])}"
        )
    if event.get("type") != job_type:
        raise MalformedMessage(
            "wrong_queue",
            f"type must be {job_type!r}, this queue's job type, got {_shown(event.get('type'))}",
        )
    ref = _ref(event, job_type, bucket)
    message = Message(
        job_id=_text(event, "id", JOB_ID, required=True) or "",
        job_type=job_type,
        data={} if ref else _data(event),
        version=_version(event, job_type),
        generation=_integer(event, "generation", _MAX_GENERATION),
        attempts=_integer(event, "attempts", MAX_ATTEMPTS),
        source=_text(event, "source") or "unknown",
        tenant=_text(event, "tenant", TENANT),
        correlation_id=_text(event, "correlationid"),
        parent_id=_text(event, "parentid"),
        traceparent=_text(event, "traceparent"),
        ref=ref,
        **({} if _RARE.isdisjoint(event) else _rare(event)),
    )
    return _resendable(message, body)


def _resendable(message: Message, body: str) -> Message:
    """``message`` itself, if it would be read again once we send it: in ASCII, with all it needs.

    Our own (with a generation) were measured before they were sent. Nothing grows more than
    sixfold: DEL and what is beyond ASCII are escaped in six bytes, and 1e15 is spelled out.
    """
    if message.generation is not None:
        return message
    if _size_bytes(body) * _MOST_GROWTH + _ENVELOPE_BYTES > MAX_BODY_BYTES:
        size_bytes = len(replace(message, generation=_MAX_GENERATION).body())
        if size_bytes > MAX_BODY_BYTES:
            raise MalformedMessage(
                "too_large",
                f"a body must be at most {MAX_BODY_BYTES} bytes as an event in ASCII, "
                f"got {size_bytes}",
            )
    return message


def _parse(body: str) -> dict[str, Any]:
    if (size_bytes := _size_bytes(body)) > MAX_BODY_BYTES:
        problem = f"a body must be at most {MAX_BODY_BYTES} bytes, got {size_bytes}"
        raise MalformedMessage("too_large", problem)
    return _json_object(body)


def _size_bytes(body: str) -> int:
    return len(body if body.isascii() else body.encode(errors="backslashreplace"))


def read_object(text: str) -> Mapping[str, Any]:
    """The payload in ``text``, a file's. Raises ``MalformedMessage``."""
    return _shallow(_json_object(text))


def _json_object(body: str) -> dict[str, Any]:
    try:
        event = strict_json(body)
        check_unicode(body)
    except RecursionError as error:
        raise MalformedMessage("too_deep", _TOO_DEEP) from error
    except UnicodeEncodeError as error:
        raise MalformedMessage("not_unicode", "text must not hold lone surrogates") from error
    except ValueError as error:
        raise MalformedMessage("not_json", f"a body must be JSON: {error}") from error
    if not isinstance(event, dict):
        raise MalformedMessage(
            "not_an_object", f"a body must be a JSON object, got {type(event).__name__}"
        )
    return event


def _shallow(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """``data`` itself, unless it is nested too deep to be stored, sent again and read."""
    if depth(data) > MAX_JSON_DEPTH:
        raise MalformedMessage("too_deep", _TOO_DEEP)
    return data


def _text(
    event: Mapping[str, Any],
    name: str,
    pattern: re.Pattern[str] | None = None,
    *,
    required: bool = False,
) -> str | None:
    value = event.get(name)
    if value is None and not required:
        return None
    fits = isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()
    if not fits or (pattern and not pattern.fullmatch(cast("str", value))):
        wanted = f"text matching {pattern.pattern}" if pattern else f"1 to {_MAX_TEXT} characters"
        raise _invalid(f"{name} must be {wanted}, got {_shown(value)}")
    return cast("str", value)


def _rare(event: Mapping[str, Any]) -> dict[str, Any]:
    """Extensions that few messages have, read by a module that few workers load."""
    from workerless.extension import read_extensions  # noqa: PLC0415 -- few messages have any

    try:
        return read_extensions(event)
    except ValueError as error:
        raise _invalid(str(error)) from error


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    data = event.get("data")
    if not isinstance(data, dict):
        raise _invalid(f"data must be a JSON object, got {type(data).__name__}")
    return _shallow(data)


def _ref(event: Mapping[str, Any], job_type: str, bucket: str | None) -> DataRef | None:
    """The claim check of an event without ``data``."""
    uri, below = event.get("dataref"), payload_prefix(job_type)
    if uri is None or event.get("data") is not None:
        return None
    try:
        return data_ref(uri, event.get("datadigest"), below=below, bucket=bucket)
    except ValueError as error:
        raise _invalid(str(error)) from error


def _version(event: Mapping[str, Any], job_type: str) -> int | None:
    if (schema := event.get("dataschema")) is None:
        return None
    match = _SCHEMA_ID.fullmatch(schema) if isinstance(schema, str) else None
    if match is None or match["name"] != job_type:
        raise _invalid(f"dataschema must be urn:workerless:{job_type}:N, got {_shown(schema)}")
    return int(match["version"])


def _integer(event: Mapping[str, Any], name: str, most: int) -> int | None:
    value: int | None = event.get(name)
    if value is not None and (type(value) is not int or not 1 <= value <= most):
        raise _invalid(f"{name} must be an integer from 1 to {most}, got {_shown(value)}")
    return value


def _invalid(problem: str) -> MalformedMessage:
    return MalformedMessage("invalid_envelope", problem)


def _shown(value: Any) -> str:
    """For an error text: short, and only if it is a plain scalar."""
    if isinstance(value, str | int | float | bool) or value is None:
        return ascii(value)[:60]
    return type(value).__name__
