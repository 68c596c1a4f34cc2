"""The API as an ASGI application, for a machine of one's own: `uvicorn` or any other server.

Each request becomes the event that API Gateway would make of it, so all that follows is the code
that runs on AWS. Only the authorizer is missing: ``authorize`` tells who calls.
"""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qsl
from uuid import uuid4

from workerless.http import surface
from workerless.http.request import MAX_BODY_BYTES

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
# From a request's headers, names in lower case, to ``requestContext.authorizer``.
type Authorize = Callable[[Mapping[str, str]], Mapping[str, Any]]


_TEXT = ("application/json", "application/xml", "application/javascript")


class Handles(Protocol):
    """The API, as far as it matters here."""

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The response to an event of API Gateway."""
        ...


class Application:
    """One request after the other: the framework keeps the one that it is at in its class."""

    def __init__(self, api: Handles, *, authorize: Authorize) -> None:
        self._api = api
        self._authorize = authorize
        self._alone = asyncio.Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """An HTTP request, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        headers = {
            name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        event = event_of(scope, headers, await _body(receive), self._authorize(headers))
        async with self._alone:
            answer = await asyncio.to_thread(self._api.handle, event)
        await _respond(answer, send)


def event_of(
    scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes, authorizer: Mapping[str, Any]
) -> dict[str, Any]:
    """What API Gateway (HTTP API, payload 2.0) makes of a request."""
    method, path = scope["method"], scope["path"]
    query = scope["query_string"].decode("latin-1")
    route = surface.find(method, path)
    event = {
        "version": "2.0",
        "routeKey": route.key if route else "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
            "requestId": str(uuid4()),
            "stage": "$default",
            "authorizer": authorizer,
        },
        **_text_or_base64(body, headers.get("content-type", "")),
    }
    if query:
        event["queryStringParameters"] = _joined(query)
    return event


def _joined(query: str) -> dict[str, str]:
    """A parameter that comes twice has its values joined by a comma."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _text_or_base64(body: bytes, content_type: str) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT:
        try:
            return {"body": body.decode(), "isBase64Encoded": False} if body else _NOTHING
        except UnicodeDecodeError:
            pass
    return {"body": b64encode(body).decode(), "isBase64Encoded": True} if body else _NOTHING


_NOTHING: dict[str, Any] = {"isBase64Encoded": False}


async def _body(receive: Receive) -> bytes:
    """The body, or as much of it as shows that it is too big."""
    body, more = b"", True
    while more and len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _respond(answer: Mapping[str, Any], send: Send) -> None:
    body = answer.get("body") or ""
    content = b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = {**answer["headers"], "Content-Length": str(len(content))}
    await send(
        {
            "type": "http.response.start",
            "status": int(answer["statusCode"]),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def _live(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
