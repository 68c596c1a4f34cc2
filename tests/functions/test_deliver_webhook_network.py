"""deliver_webhook: where a delivery may lead, and whose certificate it meets there."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.deliver_webhook.address import Address
from functions.deliver_webhook.network import resolve
from tests.functions.delivering import HOST, FakeResolver, sent, webhook
from tests.functions.receiver import Receiver
from workerless import Fail


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
def certificate(tmp_path: Path) -> Path:
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
def secure(serve: Callable[[ssl.SSLContext], Receiver], certificate: Path) -> Receiver:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    return serve(tls)


def test_certificate_and_host_are_those_of_the_name_not_of_the_address(
    secure: Receiver, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    resolver = FakeResolver(["127.0.0.1"])

    result = sent(webhook(f"https://{HOST}:{secure.port}/"), ssl_context=trusting, resolve=resolver)

    assert result.status_code == 200
    assert secure.posted[0].headers["host"] == f"{HOST}:{secure.port}"


def test_certificate_of_another_name_is_refused(secure: Receiver, certificate: Path) -> None:
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
