"""deliver_webhook: what goes over the wire, and where to."""

import asyncio
import hmac
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.deliver_webhook.address import Address
from functions.deliver_webhook.answer import ReceiverNotReady
from functions.deliver_webhook.delivery import MAX_ANSWER_BYTES, Sender
from functions.deliver_webhook.handler import (
    deliver,
    perform,
    secrets,
    ssl_context,
    ssm_client,
    stage_sender,
)
from functions.deliver_webhook.job import Delivered, DeliverWebhook
from functions.deliver_webhook.network import resolve
from functions.deliver_webhook.signature import Secret
from tests.functions.receiver import Receiver
from workerless import Fail, RetryAfter

if TYPE_CHECKING:
    from pathlib import Path

SECRET = Secret(key=b"0123456789abcdef01234567")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOST = "hooks.example.com"


class FakeResolver:
    """Answers each look-up with the next list of addresses, and for ever with the last one."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[Address]:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append((host, port))
        return [ip_address(address) for address in answer]


def webhook(url: str, **body: Any) -> DeliverWebhook:
    return DeliverWebhook(
        delivery_id="dlv_1", url=url, event="order.paid", body=body or {"order": 7}
    )


def sent(event: DeliverWebhook, **options: Any) -> Delivered:
    sender = Sender(**{"ssl_context": ssl_context(), "allow_loopback": True, **options})
    return asyncio.run(deliver(event, sender=sender, secret=SECRET, now=NOW))


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
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a9fe:a9fe"],
        ["1.1.1.1", "10.0.0.1"],
    ],
)
def test_name_that_leads_inside_fails_for_good(receiver: Receiver, addresses: list[str]) -> None:
    event = webhook(f"https://{HOST}:{receiver.port}/")

    with pytest.raises(Fail, match=f"{HOST} must be on the public internet, got {addresses[-1]}"):
        sent(event, resolve=FakeResolver(addresses), allow_loopback=False)

    assert receiver.connections == 0


def test_allowing_loopback_allows_nothing_else(receiver: Receiver) -> None:
    with pytest.raises(Fail, match=r"public internet, got 10\.0\.0\.1"):
        sent(webhook(receiver.url), resolve=FakeResolver(["127.0.0.1", "10.0.0.1"]))

    assert receiver.connections == 0


def test_name_is_looked_up_once_so_a_second_answer_leads_nowhere(receiver: Receiver) -> None:
    rebinding = FakeResolver(["127.0.0.2"], ["127.0.0.1"])

    with pytest.raises(httpcore.ConnectError):
        sent(webhook(receiver.url), resolve=rebinding)

    assert len(rebinding.asked) == 1
    assert receiver.connections == 0


def test_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    resolver = FakeResolver(["127.0.0.2", "127.0.0.1"])

    assert sent(webhook(receiver.url), resolve=resolver).status_code == 200


def test_name_that_cannot_be_resolved_is_retried() -> None:
    async def nowhere(host: str, port: int) -> list[Address]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(OSError, match="Name or service not known"):
        sent(webhook(f"https://{HOST}/"), resolve=nowhere)


def test_system_resolver_gives_addresses() -> None:
    assert asyncio.run(resolve("127.0.0.1", 443)) == [ip_address("127.0.0.1")]


@pytest.fixture
def certificate(tmp_path: "Path") -> "Path":
    """Key and self-signed certificate of ``HOST``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "receiver.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(serve: Callable[[ssl.SSLContext], Receiver], certificate: "Path") -> Receiver:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    return serve(tls)


def test_certificate_and_host_are_those_of_the_name_not_of_the_address(
    secure: Receiver, certificate: "Path"
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    resolver = FakeResolver(["127.0.0.1"])

    result = sent(webhook(f"https://{HOST}:{secure.port}/"), ssl_context=trusting, resolve=resolver)

    assert result.status_code == 200
    assert secure.posted[0].headers["host"] == f"{HOST}:{secure.port}"


def test_certificate_of_another_name_is_refused(secure: Receiver, certificate: "Path") -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    event = webhook(f"https://other.example.com:{secure.port}/")

    with pytest.raises(httpcore.ConnectError, match="Hostname mismatch"):
        sent(event, ssl_context=trusting, resolve=FakeResolver(["127.0.0.1"]))

    assert secure.posted == []


def test_certificate_nobody_vouches_for_is_refused(secure: Receiver) -> None:
    event = webhook(f"https://{HOST}:{secure.port}/")

    with pytest.raises(httpcore.ConnectError, match="self-signed certificate"):
        sent(event, resolve=FakeResolver(["127.0.0.1"]))

    assert secure.posted == []


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
