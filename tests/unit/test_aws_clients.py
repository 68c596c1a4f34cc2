"""The clock of the machine, and clients that give up in seconds."""

from datetime import UTC, timedelta

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from workerless.aws.clock import SystemClock
from workerless.aws.models import FolderLoader
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


def test_services_are_found_without_looking_into_every_folder() -> None:
    theirs, ours = Loader(), FolderLoader()

    assert set(theirs.list_available_services("service-2")) <= set(
        ours.list_available_services("service-2")
    )
    assert ours.load_service_model("sqs", "service-2") == theirs.load_service_model(
        "sqs", "service-2"
    )


def test_service_that_is_none_is_refused_as_ever() -> None:
    with pytest.raises(UnknownServiceError, match="sqqs"):
        FolderLoader().load_service_model("sqqs", "service-2")


def test_region_is_found_by_either_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert AwsClients().sqs.meta.region_name == "us-east-1"

    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert AwsClients().sqs.meta.region_name == "eu-central-1"
