"""deliver_webhook: signatures a receiver can check, and the secret behind them."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from functions.deliver_webhook.handler import secrets, ssm_client
from functions.deliver_webhook.secret import SecretCache, read_secret
from functions.deliver_webhook.signature import Secret, sign
from workerless import WorkerlessError

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

# From the reference libraries of Standard Webhooks.
TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME = "/workerless/test/webhook-secret"


def test_signature_is_that_of_the_reference_libraries() -> None:
    headers = sign(
        Secret.parse(TEXT),
        delivery_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        now=datetime.fromtimestamp(1_614_265_330.9, UTC),
        body=b'{"test": 2432232314}',
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "one without whsec_"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "one without whsec_"),
        ("whsec_not base64!", "not base64"),
        ("whsec_gr\u00fcn", "not base64"),
        (f"whsec_{b64encode(b'x' * 23).decode()}", "one of 23 bytes"),
        (f"whsec_{b64encode(b'x' * 65).decode()}", "one of 65 bytes"),
    ],
)
def test_unusable_secret_is_refused_without_being_quoted(text: str, reason: str) -> None:
    with pytest.raises(WorkerlessError, match=reason) as refused:
        Secret.parse(text)

    assert not text or text not in str(refused.value)


def test_secret_does_not_show_itself() -> None:
    assert repr(Secret.parse(TEXT)) == "Secret()"


def test_secret_is_kept_for_five_minutes(now: datetime) -> None:
    reads: list[Secret] = []

    def read() -> Secret:
        reads.append(Secret(key=bytes([len(reads)]) * 24))
        return reads[-1]

    cache = SecretCache(read=read)

    first = [cache.get(now + timedelta(seconds=seconds)) for seconds in (0, 299)]
    later = cache.get(now + timedelta(seconds=300))

    assert first == [reads[0], reads[0]]
    assert later == reads[1]


@pytest.fixture
def ssm(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator["SSMClient"]:
    monkeypatch.setenv("WEBHOOK_SECRET_PARAMETER", NAME)
    ssm_client.cache_clear()
    secrets.cache_clear()
    yield ssm_client()
    ssm_client().close()
    ssm_client.cache_clear()
    secrets.cache_clear()


def test_secret_comes_from_the_parameter_of_the_stage(ssm: "SSMClient", now: datetime) -> None:
    ssm.put_parameter(Name=NAME, Value=TEXT, Type="SecureString")

    assert secrets().get(now) == Secret.parse(TEXT)


def test_missing_parameter_is_named_with_how_to_make_it(ssm: "SSMClient") -> None:
    with pytest.raises(WorkerlessError, match=rf"aws ssm put-parameter .* --name {NAME}"):
        read_secret(ssm, {"WEBHOOK_SECRET_PARAMETER": NAME})


def test_missing_setting_is_named(ssm: "SSMClient") -> None:
    with pytest.raises(WorkerlessError, match="WEBHOOK_SECRET_PARAMETER must name"):
        read_secret(ssm, {})
