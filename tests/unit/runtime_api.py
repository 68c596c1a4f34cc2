"""As much of Lambda's runtime API as an internal extension sees, on 127.0.0.1."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RuntimeApi(ThreadingHTTPServer):
    """Registers whoever asks, unless INIT is over; has no event for anybody."""

    block_on_close = False

    def __init__(self, *, init_is_over: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.init_is_over = init_is_over
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        self.asked = threading.Event()
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._note(body)
        self.send_response(403 if self.server.init_is_over else 200)
        self.send_header("Lambda-Extension-Identifier", "extension-1")
        self.end_headers()
        self.wfile.write(b'{"errorType":"Extension.Closed"}')

    def do_GET(self) -> None:
        self._note("")
        self.server.asked.set()
        self.server.over.wait()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        """Nothing: the tests look at ``calls``."""

    def _note(self, body: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((self.command, self.path, headers, body))


@contextmanager
def runtime_api(*, init_is_over: bool = False) -> Iterator[RuntimeApi]:
    with RuntimeApi(init_is_over=init_is_over) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
