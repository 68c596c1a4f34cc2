"""The application as ``cdk`` runs it: from a bare environment, and quickly."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from infra import bundling
from infra.artifact import ROOT
from infra.settings import find_stage, stages
from tests.infra.checkout import write_checkout
from workerless.discovery import discover
from workerless.errors import WorkerlessError

_SYNTH = """
import sys
from dataclasses import replace
from pathlib import Path
from aws_cdk import App
from infra.app import build
from infra.discovery import deployable
from infra.settings import find_stage

stage = replace(find_stage("prod", {}), job_environment={})
app = App()
build(app, stage=stage, found=deployable(Path(sys.argv[1]), stage))
app.synth()
"""


@pytest.fixture(scope="module", autouse=True)
def fetched() -> None:
    """The wheels of every platform are there: what comes after has no network to get them by."""
    for platform in {stage.wheels for stage in stages({}).values()}:
        bundling.layer(platform)
        for found in discover(ROOT):
            bundling.function(found.path.parent, platform)


def synth(*command: str, out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Without credentials, a home, or a network: whoever looks for a proxy finds a dead one."""
    bare = {name: os.environ[name] for name in os.environ if name.startswith(("PATH", "JSII"))}
    dead = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**bare, **dead, "CDK_OUTDIR": str(out), "UV_OFFLINE": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_application_synthesises_its_stage_without_credentials_or_network(tmp_path: Path) -> None:
    done = synth("-m", "infra.app", out=tmp_path, WORKERLESS_STAGE="local")

    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    stacks = {
        name: artifact
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert {stack["environment"] for stack in stacks.values()} == {"aws://000000000000/us-east-1"}
    assert all(
        "workerless-local-core" in stack["dependencies"]
        for name, stack in stacks.items()
        if name != "workerless-local-core"
    )


def test_stage_in_the_context_wins(tmp_path: Path) -> None:
    context = json.dumps({"stage": "nowhere"})

    done = synth("-m", "infra.app", out=tmp_path, WORKERLESS_STAGE="dev", CDK_CONTEXT_JSON=context)

    assert "stage must be one of local, dev, staging, prod" in done.stderr
    assert "got 'nowhere'" in done.stderr


def test_twenty_job_types_take_seconds(tmp_path: Path) -> None:
    checkout = write_checkout(tmp_path / "checkout", {f"job{number}": "" for number in range(20)})

    begun = cpu_seconds_of_children()
    done = synth("-c", _SYNTH, str(checkout), out=tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.template.json"))) == 23  # with core, API, overview
    # Some eight where nothing else runs; another machine may be half as fast.
    assert cpu_seconds_of_children() - begun < 30


def cpu_seconds_of_children() -> float:
    """Of those that have ended: neighbours on the machine do not count, as a clock's seconds do."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_unknown_stage_is_refused_with_those_there_are() -> None:
    with pytest.raises(WorkerlessError, match=r"one of local, dev, staging, prod .*, got 'test'"):
        find_stage("test", {})


def test_account_and_region_are_those_of_the_deployment_except_locally() -> None:
    deployment = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "eu-central-1"}

    given = {name: (stage.account, stage.region) for name, stage in stages(deployment).items()}

    assert given == {
        "local": ("000000000000", "us-east-1"),
        "dev": ("123456789012", "eu-central-1"),
        "staging": ("123456789012", "eu-central-1"),
        "prod": ("123456789012", "eu-central-1"),
    }


@pytest.mark.parametrize(("declared", "given"), [(1, 2), (2, 2), (5, 5), (50, 5)])
def test_stage_lowers_concurrency_and_raises_it_to_the_floor_alone(
    declared: int, given: int
) -> None:
    assert stages({})["local"].concurrency(declared) == given
