"""A function finds all it needs in its asset and its layer; the development environment is not there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra import bundling
from infra.artifact import ROOT
from tests.infra.cloud import Cloud
from tests.infra.deployment import deploy, environment, states
from tests.infra.endpoint import aws_endpoint
from workerless import naming
from workerless.discovery import Found, discover

_ISLAND = Path(__file__).with_name("island.py")
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
_OWN = {found.folder: found for found in discover(ROOT)}


@dataclass(frozen=True, kw_only=True)
class Island:
    """Where functions run: the cloud they were synthesised for, and an AWS on the loopback."""

    cloud: Cloud
    endpoint: str
    boto3: Path

    def run(self, found: Found, event: Mapping[str, Any]) -> dict[str, Any]:
        platform = self.cloud.stage.wheels
        asked = {
            "asset": str(bundling.function(found.path.parent, platform).path),
            "layer": str(bundling.layer(platform).path / "python"),
            "boto3": str(self.boto3),
            "handler": f"functions.{found.folder}.handler.handler",
            "event": event,
        }
        name = naming.resource(self.cloud.stage.name, found.job_type.name)
        reader, writer = os.pipe()
        with os.fdopen(reader) as answer:
            try:
                done = subprocess.run(
                    [sys.executable, "-I", "-S", "-B", str(_ISLAND), str(writer)],
                    input=json.dumps(asked),
                    env=environment(self.cloud, name, self.endpoint),
                    pass_fds=[writer],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
            finally:
                os.close(writer)
            assert done.returncode == 0, done.stderr
            told: dict[str, Any] = json.load(answer)
        return told


@pytest.fixture(scope="module")
def island(
    clouds: Callable[[str], Cloud], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Island]:
    runtime = tmp_path_factory.mktemp("runtime")
    installed = Path(boto3.__file__).parents[1]
    for name in _RUNTIME:
        (runtime / name).symlink_to(installed / name)
    cloud = clouds("local")
    with aws_endpoint() as endpoint:
        deploy(cloud)
        yield Island(cloud=cloud, endpoint=endpoint, boto3=installed_only(runtime))


def installed_only(runtime: Path) -> Path:
    return runtime


def event_of(folder: str, endpoint: str) -> dict[str, Any]:
    """The event of ``events/``; the webhook goes to the endpoint, which takes everything."""
    written = (ROOT / "events" / f"{folder}_cloudevent.json").read_text()
    event: dict[str, Any] = json.loads(
        written.replace("http://127.0.0.1:8080", endpoint).replace("localhost:8080", endpoint)
    )
    return event


@pytest.mark.parametrize("folder", sorted(_OWN))
def test_function_does_its_job_with_its_asset_its_layer_and_boto3_alone(
    folder: str, island: Island
) -> None:
    event = event_of(folder, island.endpoint)
    [record] = event["Records"]

    told = island.run(_OWN[folder], event)

    assert told == {"response": {"batchItemFailures": []}, "strangers": []}
    assert states(island.cloud)[json.loads(record["body"])["id"]] == "completed"


def test_missing_requirement_is_noticed(island: Island, tmp_path: Path) -> None:
    """httpx is in the development environment, and must not be found there."""
