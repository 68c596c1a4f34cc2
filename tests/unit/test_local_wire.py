"""Calls to the emulator: what is sent, and what each kind of answer means."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from workerless.local import wire
from workerless.local.errors import NotRunningError


class Emulator(BaseHTTPRequestHandler):
    """Gives one answer and notes what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"{}")
    asked: ClassVar[list[tuple[str, str, str | None, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, self.headers.get("X-Amz-Target"), body))
        status, text = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST  # noqa: N815 -- the names are http.server's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its base's name
        """Quiet."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(Emulator, "asked", [])
    with HTTPServer(("127.0.0.1", 0), Emulator) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_operation_and_parameters_are_sent(port: int) -> None:
    assert wire.call(port, "ssm", "GetParameter", {"Name": "/x"}) == {}

    body = json.dumps({"Name": "/x"}).encode()
    assert Emulator.asked == [("POST", "/", "AmazonSSM.GetParameter", body)]


def test_rest_operation_is_sent(port: int) -> None:
    wire.rest(port, "lambda", "GET", "/2015-03-31/functions/f")

    assert Emulator.asked == [("GET", "/2015-03-31/functions/f", None, b"")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            (400, b'{"__type": "com.amazonaws#ParameterNotFound", "message": "no"}'),
            "ParameterNotFound",
        ),
        ((404, b'{"code": "NoSuchThing"}'), "NoSuchThing"),
        ((500, b"<html>"), "500"),
        ((200, b"[]"), "200"),
    ],
)
def test_refusal_carries_the_services_own_code(
    port: int, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes], code: str
) -> None:
    monkeypatch.setattr(Emulator, "answer", answer)

    with pytest.raises(wire.CallRefusedError) as raised:
        wire.call(port, "ssm", "GetParameter", {})

    assert raised.value.code == code


def test_silence_means_not_running() -> None:
    with HTTPServer(("127.0.0.1", 0), Emulator) as server:
        unused = server.server_port

    with pytest.raises(NotRunningError, match="run `workerless local up`"):
        wire.get(unused, "/_ministack/ready")
