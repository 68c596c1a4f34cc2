"""One local cloud for all end-to-end tests: a copy of the checkout, deployed for real.

The copy also holds the job types of ``job_types/`` and one that ``workerless new`` made, untouched.
Everything lives in pytest's temporary folder, on a free port.
"""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.asking import Ask, asker
from tests.e2e.cloud import (
    OPENTELEMETRY,
    SCAFFOLDED,
    Cloud,
    copy_checkout,
    functions_in,
    pin,
    run_workerless,
)
from tests.e2e.crashes import Crashes, begin
from tests.e2e.made_schedule import Told, going_on
from tests.e2e.shop import have_charges_die
from workerless.client import Client, connect
from workerless.discovery import discover
from workerless.job_type import JobType
from workerless.local import credentials
from workerless.local.cloud import DIRECTORY_VARIABLE, local_cloud
from workerless.ports import Address


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    copy_checkout(root, [*functions_in("functions"), *functions_in("tests/e2e/job_types")])
    made = run_workerless(root, credentials.without_aws(os.environ), "new", SCAFFOLDED)
    assert made.returncode == 0, made.stderr
    _route(root / "infra" / "settings.py")
    pin(root, "spanned", OPENTELEMETRY)
    have_charges_die(root / "functions" / "charge_payment" / "handler.py")
    return root


def _route(settings: Path) -> None:
    """In this checkout's local stage: a pool, a container, a door for tokens, who is told."""
    text = settings.read_text()
    bound = "        max_concurrency=5,"
    assert text.count(bound) == 1
    more = '        routes={"tiny_*": "tiny"},\n        http=HttpSettings(tokens=True),\n'
    more += "        lifecycle=LifecycleEvents(),\n        failed_jobs=FailedJobs(),\n"
    more += '        containers=("docked",),\n'
    settings.write_text(text.replace(bound, f"{more}{bound}"))


@pytest.fixture(scope="session")
def cloud(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("cloud")
    environ = {**credentials.without_aws(os.environ), DIRECTORY_VARIABLE: str(directory)}
    launched = local_cloud(checkout, environ)
    try:
        running = launched.up(port=0, tell=print)
        yield Cloud(root=checkout, directory=directory, running=running, environ=environ)
    finally:
        launched.down()


@pytest.fixture(scope="session")
def crashes(cloud: Cloud, job_types: dict[str, JobType[Any, Any]]) -> Crashes:
    """Going on while all other tests run; looked at last."""
    with pytest.MonkeyPatch.context() as patch:
        _point_boto3_at(cloud, patch)
        return begin(job_types)


@pytest.fixture(scope="session")
def made_schedule(cloud: Cloud, job_types: dict[str, JobType[Any, Any]]) -> Iterator[Future[Told]]:
    """The same."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            _point_boto3_at(cloud, patch)
            told = stack.enter_context(going_on(job_types))
        yield told


@pytest.fixture
def aws(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 in this process talks to the cloud, and to nothing else."""
    _point_boto3_at(cloud, monkeypatch)


@pytest.fixture
def client(aws: None, crashes: Crashes, made_schedule: Future[Told]) -> Client:
    return connect("local")


@pytest.fixture
def ask(client: Client) -> Ask:
    """Asks the HTTP API, as a caller that may do everything."""
    return asker()


@pytest.fixture(scope="session")
def job_types(checkout: Path) -> dict[str, JobType[Any, Any]]:
    """Every deployed job type by name."""
    return {found.job_type.name: found.job_type for found in discover(checkout)}


@pytest.fixture
def address(aws: None) -> Callable[[str], Address]:
    def find(name: str) -> Address:
        parameter = boto3.client("ssm").get_parameter(Name=f"/workerless/local/job-types/{name}")
        published = json.loads(parameter["Parameter"]["Value"])
        return Address(
            job_type=name,
            queue=published["queue"],
            dead_letters=published["dead_letters"],
            function=published["function"],
        )

    return find


def _point_boto3_at(cloud: Cloud, patch: pytest.MonkeyPatch) -> None:
    for name in set(os.environ) - set(credentials.without_aws(os.environ)):
        patch.delenv(name)
    for name, value in credentials.dummy(cloud.running.endpoint).items():
        patch.setenv(name, value)
