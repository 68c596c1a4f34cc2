"""A webhook receiver on the loopback, for tests of those who post to one."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

type Behave = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request as it came over the wire."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Receiver:
    """A webhook receiver on the loopback: notes what comes, then behaves as it was told."""

    behave: Behave
    posted: list[Posted] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/orders"

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer each request so."""
        head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*head, "", ""]).encode() + body)

    def send(self, raw: bytes) -> None:
        """Send these bytes to each request, and hang up."""
        self.behave = lambda peer: peer.sendall(raw)

    def fall_silent(self, after: bytes = b"") -> None:
        """Send these bytes to each request, and then nothing more until the test is over."""

        def behave(peer: socket.socket) -> None:
            peer.sendall(after)
            self.over.wait()

        self.behave = behave


class Server(socketserver.ThreadingTCPServer):
    def __init__(self, receiver: Receiver, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.receiver, self.tls = receiver, tls


class _Connection(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        self.server.receiver.connections += 1
        # A client that refuses our certificate, or has heard enough, hangs up.
        with suppress(OSError), self._peer() as peer:
            with peer.makefile("rb") as stream:
                self.server.receiver.posted.append(_read(stream))
            self.server.receiver.behave(peer)

    def _peer(self) -> socket.socket:
        if self.server.tls is None:
            return self.request
        return self.server.tls.wrap_socket(self.request, server_side=True)


def _read(stream: BinaryIO) -> Posted:
    line = stream.readline().decode().strip()
    headers = dict(_header(raw) for raw in iter(stream.readline, b"\r\n"))
    return Posted(
        line=line, headers=headers, body=stream.read(int(headers.get("content-length", "0")))
    )


def _header(raw: bytes) -> tuple[str, str]:
    name, _, value = raw.decode().partition(":")
    return name.lower(), value.strip()
