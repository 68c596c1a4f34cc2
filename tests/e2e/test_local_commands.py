"""``workerless local`` in this process: a real emulator, and a deployment of one queue pair."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.e2e.cloud import SCAFFOLDED, Cloud
from workerless import naming
from workerless.cli.app import app
from workerless.cli.setting import World
from workerless.local import wire
from workerless.local.cloud import LocalCloud, local_cloud
from workerless.local.deploy import Tell
from workerless.local.state import Running

pytestmark = pytest.mark.local_cloud


def publish(running: Running, tell: Tell) -> None:
    """What the stack of a job type ``greet`` leaves behind, without its function."""
    tell("deployed \x1b[31mgreet")
    queues = {
        field: wire.call(running.port, "sqs", "CreateQueue", {"QueueName": name})["QueueUrl"]
        for field, name in (("queue", "greet"), ("dead_letters", "greet-dead"))
    }
    for body in ("one", "two"):
        message = {"QueueUrl": queues["dead_letters"], "MessageBody": body}
        wire.call(running.port, "sqs", "SendMessage", message)
    parameter = {
        "Name": naming.job_type_parameter("local", "greet"),
        "Type": "String",
        "Overwrite": True,
        "Value": json.dumps({"function": "greet-function", **queues}),
    }
    wire.call(running.port, "ssm", "PutParameter", parameter)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "functions").mkdir()
    (tmp_path / "cdk.json").write_text("{}")

    def cloud(root: Path, environ: Mapping[str, str]) -> LocalCloud:
        return replace(local_cloud(root, environ), deploy=publish)

    yield World(environ={}, folder=tmp_path, cloud=cloud)
    cloud(tmp_path, {}).down()


def run(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["local", *arguments], obj=world)


def test_up_shows_progress_on_stderr_and_what_there_is_on_stdout(world: World) -> None:
    shown = run(world, "up", "--port", "0")

    assert shown.exit_code == 0
    assert "deployed \\x1b[31mgreet" in shown.stderr
    assert "local cloud at http://127.0.0.1:" in shown.stdout
    row = next(line for line in shown.stdout.splitlines() if line.startswith("greet "))
    assert row.split() == ["greet", "0", "0", "0", "2"]
    assert shown.stdout.splitlines()[-1].endswith("/greet")


def test_status_and_down_tell_machines_in_json(world: World) -> None:
    run(world, "up", "--port", "0")

    status = json.loads(run(world, "status", "--json").stdout)
    ended = json.loads(run(world, "down", "--json").stdout)

    assert status["running"] is True
    assert status["endpoint"] == f"http://127.0.0.1:{status['port']}"
    assert [one["job_type"] for one in status["job_types"]] == ["greet"]
    assert ended == {"running": False, "ended_pid": status["pid"]}


def test_down_names_what_it_ended(world: World) -> None:
    run(world, "up", "--port", "0")

    assert run(world, "down").stdout.startswith("ended process ")


def test_logs_of_an_unknown_type_name_those_there_are(world: World) -> None:
    run(world, "up", "--port", "0")

    refused = run(world, "logs", "nothing")

    assert refused.exit_code == 3
    assert "type must be one of greet, got 'nothing'" in refused.stderr


def test_logs_of_a_function_that_is_gone_are_a_plain_refusal(world: World) -> None:
    run(world, "up", "--port", "0")

    refused = run(world, "logs", "greet")

    assert refused.exit_code == 8
    assert "ResourceNotFound" in refused.stderr


def test_logs_are_the_functions_last_lines(cloud: Cloud) -> None:
    cloud.workerless("enqueue", SCAFFOLDED, '{"text": "x"}', "--id", "logged-1", "--wait")
    world = World(environ=cloud.environ, folder=cloud.root)

    lines = json.loads(run(world, "logs", SCAFFOLDED, "--json").stdout)
    last = run(world, "logs", SCAFFOLDED, "--limit", "1").stdout

    assert any("logged-1" in line for line in lines)
    assert len(last.splitlines()) == 1
