"""Deployments that follow one another on a local cloud of their own: what changes, what stays."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from tests.e2e.cloud import copy_checkout, functions_in, run_workerless
from workerless import JobType, Payload, Result, State, naming
from workerless.client import connect
from workerless.local import credentials
from workerless.local.cloud import DIRECTORY_VARIABLE, LocalCloud, local_cloud
from workerless.local.deploy import STAGE

pytestmark = pytest.mark.local_cloud

FUNCTION = naming.resource(STAGE, "renewed")
COPIED = {
    "sweeper",
    "operator",
    "ticker",
    "orchestrator",
    "publisher",
    "api",
    # Those that the settings of the stage name.
    "send_email",
    "deliver_webhook",
}
JOB = '''"""A job type that is deployed again and again."""

from datetime import timedelta

from workerless import JobType, Payload, Result


class Renewed(Payload):
    """Nothing to do."""


class Ran(Result):
    """Which version it was."""

    name: str


renewed = JobType(
    name="renewed", payload=Renewed, result=Ran, timeout=timedelta(seconds={seconds})
)
'''
HANDLER = '''"""Says which of its versions it is."""

from functions.renewed.job import Ran, Renewed, renewed

from workerless.worker import worker


def perform(_payload: Renewed) -> Ran:
    """Its name."""
    return Ran(name="{name}")


handler = worker(renewed)(perform)
'''


class Renewed(Payload):
    """As the checkout under test declares it."""


class Ran(Result):
    """The same."""

    name: str


RENEWED = JobType(name="renewed", payload=Renewed, result=Ran)
MINUTE = timedelta(minutes=1)
BACK = ("back", "renewed", "--why", "as it was", "--yes")


def write(root: Path, *, name: str, seconds: int) -> None:
    folder = root / "functions" / "renewed"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text('"""The job type ``renewed``."""\n')
    (folder / "job.py").write_text(JOB.format(seconds=seconds))
    (folder / "handler.py").write_text(HANDLER.format(name=name))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "checkout"
    made.mkdir()
    copy_checkout(made, [one for one in functions_in("functions") if one.name in COPIED])
    return made


@pytest.fixture
def cloud(root: Path, tmp_path: Path) -> Iterator[LocalCloud]:
    directory = str(tmp_path / "cloud")
    environ = {**credentials.without_aws(os.environ), DIRECTORY_VARIABLE: directory}
    launched = local_cloud(root, environ)
    yield launched
    launched.down()


def deploy(cloud: LocalCloud, patch: pytest.MonkeyPatch) -> None:
    """boto3 in this process talks to the cloud from then on, and to nothing else."""
    running = cloud.up(port=0, tell=print)
    for name in set(os.environ) - set(credentials.without_aws(os.environ)):
        patch.delenv(name)
    for name, value in credentials.dummy(running.endpoint).items():
        patch.setenv(name, value)


def ran() -> str:
    """What a job says that runs now."""
    status = connect(STAGE).enqueue(RENEWED, Renewed()).wait(MINUTE)
    assert status.result is not None
    return status.result.name


def live() -> str:
    alias = boto3.client("lambda").get_alias(FunctionName=FUNCTION, Name=naming.LIVE)
    return alias["FunctionVersion"]


def go_back(root: Path, cloud: LocalCloud) -> None:
    """From the second version to the first, on to the second and back again."""

    def releases(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_workerless(root, dict(cloud.environ), "releases", *arguments)

    for version, name in ((), "first"), (("--version", "2"), "second"), ((), "first"):
        done = releases(*BACK, *version)
        assert done.returncode == 0, done.stderr
        assert ran() == name
    told = json.loads(releases("list", "renewed", "--json").stdout)
    assert (told["live"], [one["version"] for one in told["versions"]]) == (1, [2, 1])
    again = releases(*BACK)
    assert (again.returncode, "is the first that is there" in again.stderr) == (2, True)


def test_deployments_publish_versions_and_lose_no_message(
    root: Path, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, name="first", seconds=20)
    deploy(cloud, monkeypatch)
    assert (ran(), live()) == ("first", "1")

    # A timeout that grows more than sixfold, and other code.
    write(root, name="second", seconds=200)
    deploy(cloud, monkeypatch)
    assert (ran(), live()) == ("second", "2")
    functions, sqs = boto3.client("lambda"), boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=FUNCTION)["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    timeout = functions.get_function_configuration(FunctionName=FUNCTION, Qualifier=naming.LIVE)[
        "Timeout"
    ]
    assert timeout > 200
    assert int(told["VisibilityTimeout"]) >= 6 * timeout

    # Nothing changed: no version, nothing moved.
    deploy(cloud, monkeypatch)
    assert live() == "2"

    go_back(root, cloud)
    assert ran() == "first"

    # A job type that leaves the code while messages wait for it.
    (mapping,) = functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    client = connect(STAGE)
    jobs = [client.enqueue(RENEWED, Renewed()) for _ in range(3)]
    shutil.rmtree(root / "functions" / "renewed")
    deploy(cloud, monkeypatch)
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    for job in jobs:
        assert job.wait(MINUTE).state is State.COMPLETED
    for one in (functions, sqs):
        one.close()
