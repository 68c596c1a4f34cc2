"""A function finds all it needs in its asset and layer, out of reach of what developers have."""

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
from tests.infra.checkout import write_checkout
from tests.infra.cloud import Cloud
from tests.infra.deployment import deploy, environment, states
from tests.infra.endpoint import aws_endpoint
from workerless import naming
from workerless.discovery import discover

_ISLAND = Path(__file__).with_name("island.py")
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
# Those whose world ``deploy`` makes.
_COMPLETING = {"send_email", "process_image", "deliver_webhook", "cleanup_expired"}
_OWN = {found.folder: found for found in discover(ROOT)}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a function came to: JSON, or no text at all and the reason in its log."""

    text: str
    log: str


@dataclass(frozen=True, kw_only=True)
class Island:
    """Where functions run: the cloud they were synthesised for, and an AWS on the loopback."""

    cloud: Cloud
    endpoint: str
    boto3: Path

    def run(self, folder: Path, event: Mapping[str, Any], *, as_job_type: str) -> Answer:
        """The function of ``folder``, with the environment of a deployed job type's."""
        reader, writer = os.pipe()
        asked = {
            "asset": str(bundling.function(folder, self.cloud.stage.wheels).path),
            "layer": str(bundling.layer(self.cloud.stage.wheels).path / "python"),
            "boto3": str(self.boto3),
            "handler": f"functions.{folder.name}.handler.handler",
            "event": event,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-B", str(_ISLAND), str(writer)],
                input=json.dumps(asked),
                env=environment(
                    self.cloud, naming.resource(self.cloud.stage.name, as_job_type), self.endpoint
                ),
                pass_fds=[writer],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            os.close(writer)
        with os.fdopen(reader) as answer:
            return Answer(text=answer.read(), log=done.stdout + done.stderr)


@pytest.fixture(scope="module")
def island(
    clouds: Callable[[str], Cloud], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Island]:
    runtime = tmp_path_factory.mktemp("runtime")
    for name in _RUNTIME:
        (runtime / name).symlink_to(Path(boto3.__file__).parents[1] / name)
    with aws_endpoint() as endpoint:
        deploy(clouds("local"))
        yield Island(cloud=clouds("local"), endpoint=endpoint, boto3=runtime)


def event_of(folder: str, endpoint: str) -> dict[str, Any]:
    """The event of ``events/``; its webhook goes to the endpoint, which takes it."""
    written = (ROOT / "events" / f"{folder}_bare.json").read_text()
    event: dict[str, Any] = json.loads(written.replace("http://127.0.0.1:8080", endpoint))
    return event


@pytest.mark.parametrize("folder", sorted(_OWN))
def test_function_handles_its_event_with_asset_layer_and_boto3_alone(
    folder: str, island: Island
) -> None:
    event = event_of(folder, island.endpoint)

    answer = island.run(_OWN[folder].path.parent, event, as_job_type=_OWN[folder].job_type.name)

    assert "batchItemFailures" in answer.text, answer.log
    assert json.loads(answer.text)["strangers"] == []
    assert "No module named" not in answer.log


@pytest.mark.parametrize("folder", sorted(_COMPLETING & _OWN.keys()))
def test_job_completes_with_asset_layer_and_boto3_alone(folder: str, island: Island) -> None:
    event = event_of(folder, island.endpoint)

    answer = island.run(_OWN[folder].path.parent, event, as_job_type=_OWN[folder].job_type.name)

    assert json.loads(answer.text)["response"] == {"batchItemFailures": []}, answer.log
    assert states(island.cloud)[event["Records"][0]["messageId"]] == "completed"


def test_requirement_that_is_only_in_the_development_environment_is_missed(
    island: Island, tmp_path: Path
) -> None:
    folder = write_checkout(tmp_path, {"plain": ""}) / "functions" / "plain"
    handler = folder / "handler.py"
    handler.write_text(f"import httpx\n{handler.read_text()}")

    answer = island.run(folder, {"Records": []}, as_job_type="plain")

    assert "No module named 'httpx'" in answer.log
