"""A webhook receiver on this machine that answers as it was told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo.signature import is_genuine


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a delivery gets; ``retry_after_seconds`` asks the sender to wait that long."""

    status: int
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One POST that came, as the receiver saw it; ``at`` is seconds since the epoch."""

    at: float
    webhook_id: str
    is_genuine: bool
    status: int


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Answers the first delivery with the first answer, and so on; the last one goes on."""

    secret: str
    answers: tuple[Answer, ...]
    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> Answer:
        """Note a delivery and say what to answer."""
        answer = self.answers[min(len(self.deliveries), len(self.answers) - 1)]
        now = time.time()
        genuine = is_genuine(self.secret, headers, body, now)
        self.deliveries.append(
            Delivery(
                at=now, webhook_id=headers["webhook-id"], is_genuine=genuine, status=answer.status
            )
        )
        return answer


@contextmanager
def listening(secret: str, *answers: Answer) -> Iterator[Receiver]:
    """A receiver that listens on a port of its own as long as the block lasts."""
    receiver = Receiver(secret=secret, answers=answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            answer = receiver.take(headers, body)
            self.send_response(answer.status)
            if answer.retry_after_seconds is not None:
                self.send_header("retry-after", str(answer.retry_after_seconds))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its base's name
            """The screen is the demo's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/orders"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
