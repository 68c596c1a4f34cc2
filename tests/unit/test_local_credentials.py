"""Real credentials and the local cloud never meet."""

import pytest

from workerless.local.credentials import dummy, refuse_real, without_aws
from workerless.local.errors import RealCredentialsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SESSION_TOKEN", "x"),
        ("AWS_PROFILE", "prod"),
        ("AWS_DEFAULT_PROFILE", "prod"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"),
    ],
)
def test_real_credentials_are_refused_by_name_with_the_fix(name: str, value: str) -> None:
    with pytest.raises(RealCredentialsError, match=f"env -u {name} workerless local up"):
        refuse_real({name: value, "HOME": "/home/ada"})


@pytest.mark.parametrize(
    "environ",
    [{}, {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}, {"AWS_PROFILE": ""}],
)
def test_dummies_are_fine(environ: dict[str, str]) -> None:
    refuse_real(environ)


def test_values_are_not_repeated() -> None:
    with pytest.raises(RealCredentialsError) as raised:
        refuse_real({"AWS_SESSION_TOKEN": "very-secret"})

    assert "very-secret" not in str(raised.value)


def test_nothing_of_the_users_sdk_settings_is_passed_on() -> None:
    environ = {"PATH": "/bin", "AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_SQS": "https://real"}

    assert without_aws(environ) == {"PATH": "/bin"}


def test_dummy_settings_leave_no_way_to_other_credentials() -> None:
    settings = dummy("http://127.0.0.1:4566")

    assert settings["NO_PROXY"] == settings["no_proxy"] == "127.0.0.1,localhost"
    assert settings["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert settings["AWS_CONFIG_FILE"] == settings["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert settings["AWS_EC2_METADATA_DISABLED"] == "true"
