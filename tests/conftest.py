"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest

from tests.partiql import spoken_by_moto
from workerless import environment
from workerless.local import credentials

pytest_plugins = ["workerless.testing.pytest_plugin"]


def pytest_configure() -> None:
    """The stage and the AWS settings of whoever runs the tests must not decide how they end."""
    for name in os.environ.keys() - credentials.without_aws(os.environ).keys():
        del os.environ[name]
    os.environ.pop(environment.STAGE, None)
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",  # else boto3 asks the network for credentials
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random order, but who waits for minutes anyway waits while the others run."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session", autouse=True)
def partiql() -> Iterator[None]:
    """moto answers our batches as the service does."""
    with spoken_by_moto():
        yield
