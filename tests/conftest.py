"""What holds for every test."""

import os

import pytest

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
