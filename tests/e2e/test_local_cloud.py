"""The launcher: a real emulator each time, and a deployment that only notes that it was asked."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from workerless.local import process, state, wire
from workerless.local.cloud import LocalCloud
from workerless.local.deploy import Tell
from workerless.local.errors import LocalCloudError, NotRunningError, RealCredentialsError
from workerless.local.seed import WEBHOOK_SECRET
from workerless.local.state import Running

pytestmark = pytest.mark.local_cloud

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Deployments:
    """Notes each deployment; may have an error to give."""

    def __init__(self) -> None:
        self.of: list[Running] = []
        self.error: BaseException | None = None

    def __call__(self, running: Running, tell: Tell) -> None:
        self.of.append(running)
        if self.error:
            raise self.error


@pytest.fixture
def deployments() -> Deployments:
    return Deployments()


@pytest.fixture
def cloud(tmp_path: Path, deployments: Deployments) -> Iterator[LocalCloud]:
    launched = LocalCloud(directory=tmp_path / "local", environ={}, deploy=deployments)
    yield launched
    launched.down()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def up(cloud: LocalCloud, told: list[str]) -> Callable[[], Running]:
    return lambda: cloud.up(port=0, tell=told.append)


def test_up_starts_deploys_and_is_remembered(
    cloud: LocalCloud, up: Callable[[], Running], deployments: Deployments
) -> None:
    running = up()

    assert deployments.of == [running]
    assert cloud.running() == running
    assert wire.get(running.port, "/_ministack/ready")


def test_second_up_keeps_the_cloud_and_deploys_again(
    up: Callable[[], Running], deployments: Deployments
) -> None:
    first = up()

    second = up()

    assert second == first
    assert len(deployments.of) == 2


def test_taken_port_is_replaced_and_told(cloud: LocalCloud, told: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]

        running = cloud.up(port=taken, tell=told.append)

    assert running.port != taken
    assert told == [f"port {taken} is taken, using {running.port}"]


def test_down_ends_every_process_and_frees_the_port(
    cloud: LocalCloud, up: Callable[[], Running]
) -> None:
    running = up()

    ended = cloud.down()

    assert ended == running
    assert process.members(running.pid) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", running.port)) != 0
    with pytest.raises(NotRunningError, match="run `workerless local up`"):
        cloud.running()


def test_down_without_a_cloud_does_nothing(cloud: LocalCloud) -> None:
    assert cloud.down() is None


@pytest.mark.parametrize("error", [LocalCloudError("no"), KeyboardInterrupt()])
def test_first_deployment_that_fails_leaves_nothing_running(
    cloud: LocalCloud,
    up: Callable[[], Running],
    deployments: Deployments,
    error: BaseException,
) -> None:
    deployments.error = error

    with pytest.raises(type(error)):
        up()

    [running] = deployments.of
    assert process.members(running.pid) == []
    assert cloud.down() is None


def test_later_deployment_that_fails_leaves_the_cloud_running(
    cloud: LocalCloud, up: Callable[[], Running], deployments: Deployments
) -> None:
    running = up()
    deployments.error = LocalCloudError("no")

    with pytest.raises(LocalCloudError):
        up()

    assert cloud.running() == running


def test_process_that_only_inherited_the_id_is_left_alone(
    cloud: LocalCloud, up: Callable[[], Running]
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        stranger = process.find(other.pid)
        assert stranger is not None
        cloud.directory.mkdir()
        state.remember(cloud.directory, replace(stranger, started="long ago"), port=1)

        assert cloud.down() is None
        assert process.find(other.pid) == stranger

        other.communicate(b"\n")


def test_emulator_that_was_killed_is_started_anew(
    cloud: LocalCloud, up: Callable[[], Running]
) -> None:
    first = up()
    process.end_group(first.pid, grace_seconds=1)

    second = up()

    assert second.pid != first.pid
    assert cloud.running() == second


def test_two_commands_at_once_are_one_too_many(
    cloud: LocalCloud, up: Callable[[], Running], tmp_path: Path
) -> None:
    def deploy(running: Running, tell: Tell) -> None:
        with pytest.raises(LocalCloudError, match="another command"):
            cloud.up(port=0, tell=tell)

    replace(cloud, deploy=deploy).up(port=0, tell=print)


def test_real_credentials_stop_it_before_it_starts(cloud: LocalCloud) -> None:
    beside = replace(cloud, environ={"AWS_PROFILE": "prod"})

    with pytest.raises(RealCredentialsError, match="AWS_PROFILE"):
        beside.up(port=0, tell=print)

    assert not cloud.directory.exists()


def test_emulator_that_cannot_start_says_why(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such luck\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))

    with pytest.raises(LocalCloudError, match="no such luck"):
        cloud.up(port=0, tell=print)

    assert cloud.down() is None


@linux_only
def test_emulator_sees_nothing_of_the_users_environment(
    up: Callable[[], Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_USER", "x")

    running = up()

    environ = Path(f"/proc/{running.pid}/environ").read_text()
    names = {line.split("=")[0] for line in environ.split("\0") if line}
    assert "SECRET_OF_THE_USER" not in names
    assert {name for name in names if name.startswith("AWS_")} == set()


@linux_only
def test_emulator_listens_on_loopback_only(up: Callable[[], Running]) -> None:
    running = up()

    assert listening(running.pid) == {("0100007F", running.port)}


def test_functions_find_boto3_but_nothing_else_the_developer_has(
    cloud: LocalCloud, up: Callable[[], Running]
) -> None:
    up()
    python = cloud.directory / "runtime" / "bin" / "python"

    tried = subprocess.run(
        [python, "-c", "import boto3; boto3.client('sqs', region_name='eu-west-1')\nimport moto"],
        env={},
        cwd=cloud.directory,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "No module named 'moto'" in tried.stderr


def test_secret_is_there_and_stays_the_same(up: Callable[[], Running]) -> None:
    running = up()
    query = {"Name": WEBHOOK_SECRET, "WithDecryption": True}
    first = wire.call(running.port, "ssm", "GetParameter", query)["Parameter"]

    up()

    second = wire.call(running.port, "ssm", "GetParameter", query)["Parameter"]
    assert first["Type"] == "SecureString"
    assert first["Value"].startswith("whsec_")
    assert second["Value"] == first["Value"]


def test_senders_are_verified(up: Callable[[], Running]) -> None:
    running = up()

    identity = wire.rest(running.port, "ses", "GET", "/v2/email/identities/example.com")

    assert identity["VerifiedForSendingStatus"] is True


def listening(pid: int) -> set[tuple[str, int]]:
    """Hexadecimal address and port of each TCP socket the process listens on."""
    sockets = {
        target.removeprefix("socket:[").rstrip("]")
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (target := str(link.readlink())).startswith("socket:")
    }
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {
        (row[1].split(":")[0], int(row[1].split(":")[1], 16))
        for row in rows
        if row[3] == "0A" and row[9] in sockets
    }
