"""deliver_webhook: what goes over the wire, and what is made of the answer."""

import asyncio
import hmac
import json
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpcore
import pytest

from functions.deliver_webhook.answer import ReceiverNotReady
from functions.deliver_webhook.delivery import MAX_ANSWER_BYTES
from functions.deliver_webhook.handler import perform, secrets, ssm_client, stage_sender
from tests.functions.delivering import NOW, SECRET, sent, webhook
from tests.functions.receiver import Receiver
from workerless import Fail, RetryAfter


def test_event_is_posted_as_signed_json(receiver: Receiver) -> None:
    result = sent(webhook(receiver.url, order=7, who="Zo\u00eb"))

    [post] = receiver.posted
    assert result.status_code == 200
    assert post.line == "POST /hooks/orders HTTP/1.1"
    assert post.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert post.headers["content-type"] == "application/json"
    assert json.loads(post.body) == {"type": "order.paid", "data": {"order": 7, "who": "Zo\u00eb"}}
    signed = b"dlv_1." + post.headers["webhook-timestamp"].encode() + b"." + post.body
    signature = b64encode(hmac.digest(SECRET.key, signed, "sha256")).decode()
    assert post.headers["webhook-id"] == "dlv_1"
    assert post.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert post.headers["webhook-signature"] == f"v1,{signature}"


def test_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert sent(webhook(receiver.url)).status_code == 200


def test_redirect_is_not_followed(receiver: Receiver, serve: Callable[[], Receiver]) -> None:
    elsewhere = serve()
    receiver.answer(307, Location=elsewhere.url)

    with pytest.raises(Fail, match="receiver answered 307"):
        sent(webhook(receiver.url))

    assert elsewhere.connections == 0


def test_retry_after_of_the_receiver_is_honoured(receiver: Receiver) -> None:
    receiver.answer(429, Retry_After="90")

    with pytest.raises(RetryAfter) as wait:
        sent(webhook(receiver.url))

    assert wait.value.delay == timedelta(seconds=90)


def test_fault_of_the_receiver_is_retried(receiver: Receiver) -> None:
    receiver.answer(502)

    with pytest.raises(ReceiverNotReady, match="502"):
        sent(webhook(receiver.url))


def test_receiver_that_hangs_up_is_retried(receiver: Receiver) -> None:
    receiver.send(b"")

    with pytest.raises(httpcore.RemoteProtocolError):
        sent(webhook(receiver.url))


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_receiver_that_never_ends_its_head_is_given_up(receiver: Receiver, head: bytes) -> None:
    receiver.fall_silent(head)

    with pytest.raises(TimeoutError):
        sent(webhook(receiver.url), within=timedelta(milliseconds=50))


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 10\r\n\r\nshort",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnot!",
    ],
)
def test_status_decides_however_the_body_ends(receiver: Receiver, body: bytes) -> None:
    receiver.send(b"HTTP/1.1 202 Accepted\r\n" + body)

    assert sent(webhook(receiver.url)).status_code == 202


def test_body_that_never_ends_is_not_waited_for(receiver: Receiver) -> None:
    receiver.fall_silent(after=b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")

    result = sent(webhook(receiver.url), body_within=timedelta(milliseconds=50))

    assert result.status_code == 200


def test_no_more_than_64_kb_of_the_body_is_taken(receiver: Receiver) -> None:
    took: list[int] = []

    def flood(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:  # until the other side hangs up
            took.append(peer.send(b"x" * 4_096))

    receiver.behave = flood

    result = sent(webhook(receiver.url), body_within=timedelta(minutes=1))

    assert result.status_code == 200
    assert sum(took) >= MAX_ANSWER_BYTES


def test_plain_http_is_refused_where_the_stage_does_not_allow_it(receiver: Receiver) -> None:
    with pytest.raises(Fail, match="url must start with https:// in this stage"):
        sent(webhook(receiver.url), allow_loopback=False)

    assert receiver.connections == 0


@pytest.mark.parametrize(
    ("value", "allowed"), [("1", True), ("0", False), ("true", False), ("", False)]
)
def test_only_1_allows_the_loopback(value: str, *, allowed: bool) -> None:
    assert stage_sender({"WEBHOOK_ALLOW_LOOPBACK": value}).allow_loopback is allowed


def test_loopback_is_not_allowed_unless_a_stage_says_so() -> None:
    assert not stage_sender({}).allow_loopback


@pytest.fixture
def stage(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WEBHOOK_SECRET_PARAMETER", "/workerless/test/webhook-secret")
    monkeypatch.setenv("WEBHOOK_ALLOW_LOOPBACK", "1")
    ssm_client.cache_clear()
    secrets.cache_clear()
    ssm_client().put_parameter(
        Name="/workerless/test/webhook-secret",
        Value=f"whsec_{b64encode(SECRET.key).decode()}",
        Type="SecureString",
    )
    yield
    ssm_client().close()
    ssm_client.cache_clear()
    secrets.cache_clear()


def test_handler_signs_with_the_secret_of_its_stage(stage: None, receiver: Receiver) -> None:
    result = asyncio.run(perform(webhook(receiver.url)))

    [post] = receiver.posted
    signed = b"dlv_1." + post.headers["webhook-timestamp"].encode() + b"." + post.body
    signature = b64encode(hmac.digest(SECRET.key, signed, "sha256")).decode()
    assert result.status_code == 200
    assert post.headers["webhook-signature"] == f"v1,{signature}"
