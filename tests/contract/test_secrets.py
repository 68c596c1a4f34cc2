"""Secrets by name: read when first asked for, and anew after five minutes."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from workerless.aws.secrets import Secrets
from workerless.aws.session import AwsClients
from workerless.errors import WorkerlessError
from workerless.testing.clock import FakeClock

REGION = "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.mark.usefixtures("aws")
def test_parameter_is_read_again_after_five_minutes() -> None:
    ssm, clock = boto3.client("ssm", REGION), FakeClock()
    secrets = Secrets(AwsClients(), clock)
    ssm.put_parameter(Name="/prod/hook", Type="SecureString", Value="one")

    first = secrets.get("/prod/hook")
    ssm.put_parameter(Name="/prod/hook", Type="SecureString", Value="two", Overwrite=True)
    clock.advance(timedelta(minutes=4, seconds=59))
    kept = secrets.get("/prod/hook")
    clock.advance(timedelta(seconds=1))

    assert (first, kept, secrets.get("/prod/hook")) == ("one", "one", "two")


@pytest.mark.usefixtures("aws")
def test_secret_is_known_by_its_arn() -> None:
    made = boto3.client("secretsmanager", REGION).create_secret(Name="hook", SecretString="three")

    assert Secrets(AwsClients(), FakeClock()).get(made["ARN"]) == "three"


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "name", ["/prod/none", f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none-abcdef"]
)
def test_secret_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(WorkerlessError, match=f"the secret {name} could not be read"):
        Secrets(AwsClients(), FakeClock()).get(name)
