"""The clock of the machine, and clients that give up in seconds."""

from datetime import UTC, timedelta

import pytest

from workerless.aws.clock import SystemClock
from workerless.aws.session import AwsClients


def test_now_is_utc_to_the_millisecond() -> None:
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1_000 == 0


def test_sleep_takes_its_time() -> None:
    clock = SystemClock()
    before = clock.now()

    clock.sleep(timedelta(milliseconds=2))

    assert clock.now() - before >= timedelta(milliseconds=1)


def test_clients_are_made_once_with_short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    clients = AwsClients()

    for client in (clients.dynamodb, clients.sqs, clients.ssm):
        config = vars(client.meta.config)["_user_provided_options"]
        assert config["connect_timeout"] == 2
        assert config["read_timeout"] == 5
        assert config["retries"] == {"mode": "standard", "total_max_attempts": 5}
    assert clients.sqs is clients.sqs
    config = vars(clients.s3.meta.config)["_user_provided_options"]
    assert (config["connect_timeout"], config["read_timeout"]) == (1, 3)
    assert config["retries"] == {"mode": "standard", "total_max_attempts": 3}
    assert clients.s3 is clients.s3
