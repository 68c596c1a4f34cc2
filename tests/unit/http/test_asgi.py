"""A request to the local application becomes the event that API Gateway would make of it."""

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from workerless.http.asgi import Application, Message, event_of
from workerless.http.request import MAX_BODY_BYTES


class Recorder:
    """Stands where the API does."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.events: list[Any] = []
        self._answer = answer

    def handle(self, event: Any) -> dict[str, Any]:
        self.events.append(event)
        return self._answer


ANSWER = {"statusCode": 202, "headers": {"Content-Type": "application/json"}, "body": '{"a":"é"}'}


def scope(method: str = "POST", path: str = "/jobs/mail", query: bytes = b"") -> dict[str, Any]:
    headers = [(b"Content-Type", b"application/json"), (b"X-Caller", b"ada")]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": headers,
    }


def play(application: Application, asked: dict[str, Any], *messages: Message) -> list[Message]:
    """What the application sends once it was given these."""
    inbox, sent = list(messages), []

    async def receive() -> Message:
        return inbox.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(application(asked, receive, send))
    return sent


def chunk(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def application(answer: dict[str, Any]) -> tuple[Application, Recorder]:
    recorder = Recorder(answer)
    made = Application(
        recorder, authorize=lambda headers: {"iam": {"userArn": headers.get("x-caller")}}
    )
    return made, recorder


def test_request_is_answered_by_the_api() -> None:
    made, recorder = application(ANSWER)

    start, body = play(made, scope(), chunk(b'{"da', more=True), chunk(b'ta": {}}'))

    assert (start["status"], dict(start["headers"])[b"content-length"]) == (202, b"10")
    assert body["body"] == '{"a":"é"}'.encode()
    (event,) = recorder.events
    assert (event["body"], event["isBase64Encoded"]) == ('{"data": {}}', False)
    assert event["routeKey"] == "POST /jobs/{job_type}"
    assert event["requestContext"]["authorizer"] == {"iam": {"userArn": "ada"}}


def test_answer_in_base64_is_sent_as_bytes() -> None:
    encoded = {**ANSWER, "body": b64encode(b"\x00\xff").decode(), "isBase64Encoded": True}

    _, body = play(application(encoded)[0], scope(), chunk(b""))

    assert body["body"] == b"\x00\xff"


def test_body_is_not_read_to_its_end_when_it_is_too_big() -> None:
    made, recorder = application(ANSWER)
    chunks = [chunk(b"x" * 100_000, more=True) for _ in range(100)]

    play(made, scope(), *chunks)

    assert len(recorder.events[0]["body"]) <= MAX_BODY_BYTES + 100_000


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"", "application/json", {"isBase64Encoded": False}),
        (b"{}", "application/json", {"body": "{}", "isBase64Encoded": False}),
        (b"{}", "", {"body": b64encode(b"{}").decode(), "isBase64Encoded": True}),
        (
            b"\xff",
            "application/json",
            {"body": b64encode(b"\xff").decode(), "isBase64Encoded": True},
        ),
    ],
)
def test_body_is_text_only_where_it_is(body: bytes, kind: str, expected: dict[str, Any]) -> None:
    event = event_of(scope(), {"content-type": kind}, body, {})

    assert {name: event[name] for name in ("body", "isBase64Encoded") if name in event} == expected


def test_values_of_a_parameter_are_joined_as_on_aws() -> None:
    event = event_of(scope(query=b"tag=a&tag=b%2C&since=2026-01-01T00%3A00Z&x="), {}, b"", {})

    assert event["queryStringParameters"] == {
        "tag": "a,b,",
        "since": "2026-01-01T00:00Z",
        "x": "",
    }
    assert "queryStringParameters" not in event_of(scope(), {}, b"", {})


def test_server_may_start_and_end() -> None:
    made, _ = application(ANSWER)

    sent = play(
        made, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
    )

    assert [one["type"] for one in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
