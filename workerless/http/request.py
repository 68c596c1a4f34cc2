"""What a request must be before anybody looks at what it asks. Pure.

API Gateway's event stays what it is, but for a body: that is text afterwards, JSON, and small.
"""

import binascii
from base64 import b64decode
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from workerless.http.problem import Problem
from workerless.message import MalformedMessage, read_object

# Lambda takes 6 MB of event, in which each quotation mark of a body is two characters.
MAX_BODY_BYTES = 1_048_576
_JSON = "application/json"
_REFUSED = {
    "not_json": "the body must be JSON, without NaN, infinities and numbers beyond a double's",
    "not_unicode": "the body must not hold halves of surrogate pairs",
    "not_an_object": "the body must be a JSON object",
    "too_deep": "the body must not be nested so deep; at most 64 levels",
}


def body_of(event: Mapping[str, Any]) -> bytes:
    """The body as it came. Raises ``Problem`` for one that is too big."""
    text = event.get("body") or ""
    try:
        body = b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, ValueError) as error:
        raise Problem(400, "invalid_body", _REFUSED["not_unicode"]) from error
    if len(body) > MAX_BODY_BYTES:
        raise Problem(
            413,
            "body_too_large",
            f"the body must be at most {MAX_BODY_BYTES} bytes, got {len(body)}",
        )
    return body


def checked(event: Mapping[str, Any], *, parameters: Collection[str]) -> dict[str, Any]:
    """``event`` with its body as text, if it can be asked of a route with these ``parameters``.

    A parameter that the route does not know is refused: without the filter that was meant, a
    request to delete would do more than was asked. Raises ``Problem``.
    """
    for name, _ in parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True):
        if name not in parameters:
            allowed = ", ".join(sorted(parameters)) or "none"
            raise Problem(
                400,
                "unknown_parameter",
                f"query parameters must be among: {allowed}",
                field="query",
            )
    body = body_of(event)
    return {
        **event,
        # What was found good: the framework would look again, in its own way.
        "headers": {**(event.get("headers") or {}), "content-type": _JSON},
        "body": json_text(body, event) if body else None,
        "isBase64Encoded": False,
    }


def json_text(body: bytes, event: Mapping[str, Any]) -> str:
    """``body`` as the text of a JSON object. Raises ``Problem``."""
    kind = _media_type(event)
    if kind and kind != _JSON:
        raise Problem(415, "unsupported_media_type", f"the body must be {_JSON}")
    try:
        text = body.decode()
        read_object(text)
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_body", "the body must be UTF-8") from error
    except MalformedMessage as error:
        raise Problem(400, "invalid_body", _REFUSED[error.reason]) from error
    return text


def header(event: Mapping[str, Any], name: str) -> str:
    """One header's value, empty where there is none; API Gateway writes names in lower case."""
    return str((event.get("headers") or {}).get(name) or "")


def _media_type(event: Mapping[str, Any]) -> str:
    return header(event, "content-type").partition(";")[0].strip().lower()
