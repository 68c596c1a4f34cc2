"""An AWS endpoint on the loopback for processes that know nothing of moto.

moto answers ``requests`` made in this process; this server makes, for each HTTP request it gets,
the same one to the real host name, where moto waits. Whatever is not signed for AWS gets a 204, as
from the receiver of a webhook.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests
from moto import mock_aws

REGION = "us-east-1"
_SIGNED_FOR = re.compile(r"Credential=\w+/\d+/[\w-]+/(?P<service>\w+)/")
_HOSTS = {"ses": "email"}


class _Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        signed = _SIGNED_FOR.search(self.headers.get("Authorization", ""))
        if signed is None:
            self.send_response(204)
            self.end_headers()
            return
        service = signed["service"]
        answer = requests.request(
            self.command,
            f"https://{_HOSTS.get(service, service)}.{REGION}.amazonaws.com{self.path}",
            data=body,
            headers={name: value for name, value in self.headers.items() if name != "Host"},
            timeout=5,
        )
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer.content)

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 -- called so by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as it is there
        """Says nothing."""


@contextmanager
def aws_endpoint() -> Iterator[str]:
    """The address of an AWS that is moto's, for as long as the context lasts."""
    with mock_aws(), ThreadingHTTPServer(("127.0.0.1", 0), _Relay) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
