"""``workerless worker`` on the local cloud: it runs jobs, and SIGTERM costs none an attempt.

The stage says that containers run its job type, so no function takes the messages.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import CHECKOUT, Cloud
from tests.e2e.image import Image
from workerless import State
from workerless.client import Client
from workerless.handle import Job
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

_PATIENCE = timedelta(seconds=90)


@pytest.fixture
def docked(client: Client, job_types: dict[str, JobType[Any, Any]]) -> JobType[Any, Any]:
    return job_types["docked"]


@pytest.fixture(scope="module")
def image(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """With the job types of this cloud; its requirements come from the registry, by hash."""
    made = Image(
        dockerfile=CHECKOUT / "Dockerfile",
        context=cloud.root,
        root=tmp_path_factory.mktemp("image"),
    )
    made.build(os.environ)
    return made


@contextmanager
def container(
    cloud: Cloud, folder: Path, *options: str, image: Image | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a container runs it; killed at the end, if it has not ended."""
    command = (
        [sys.executable, "-m", "workerless.cli", "worker"] if image is None else image.entrypoint
    )
    environ, root = {**cloud.environ, "TMPDIR": str(folder)}, cloud.root
    if image is not None:
        environ, root = image.environ(environ), image.folder
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "docked", *options], cwd=root, env=environ, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def healthy(cloud: Cloud, folder: Path, image: Image | None = None) -> bool:
    """What the image's HEALTHCHECK says."""
    command = [sys.executable, "-m", "workerless.container.health"]
    environ, root = {**cloud.environ, "TMPDIR": str(folder)}, cloud.root
    if image is not None:
        command, environ, root = image.health, image.environ(environ), image.folder
    done = subprocess.run(command, cwd=root, env=environ, check=False, capture_output=True)
    return done.returncode == 0


def wait_until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + _PATIENCE.total_seconds()
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def begun(jobs: list[Job[Any]]) -> bool:
    return any(one.status().progress for one in jobs)


def test_jobs_run_in_processes_of_a_container_that_is_well(
    cloud: Cloud, client: Client, docked: JobType[Any, Any], tmp_path: Path
) -> None:
    jobs = client.enqueue_many(docked, [docked.payload(seconds=0.05)] * 30)

    with container(cloud, tmp_path, "--processes", "2", "--max-jobs", "12") as process:
        ended = [one.wait(_PATIENCE) for one in jobs]
        wait_until(lambda: "another follows" in (tmp_path / "log").read_text())
        wait_until(lambda: healthy(cloud, tmp_path))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=25)

    assert {(one.state, one.attempt) for one in ended} == {(State.COMPLETED, 1)}
    assert code == 0
    pids = {one.result.pid for one in ended if one.result is not None}
    assert len(pids) >= 2
    left = [int(pid) for pid in (tmp_path / "left").read_text().split()]
    assert pids <= set(left)  # on_shutdown, of those that were replaced and of the last
    assert len(left) == len(set(left))
    assert not healthy(cloud, tmp_path)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_its_mapping_is_off_and_stays_so_after_a_pause(
    cloud: Cloud, client: Client, docked: JobType[Any, Any]
) -> None:
    job = client.enqueue(docked, docked.payload())

    paused = cloud.workerless("queues", "pause", "docked", "--why", "a test")
    resumed = cloud.workerless("queues", "resume", "docked", "--why", "over")
    looked = cloud.workerless("doctor", "--json")

    assert (paused.returncode, resumed.returncode) == (0, 0), paused.stderr + resumed.stderr
    functions = boto3.client("lambda")
    queue = "arn:aws:sqs:us-east-1:000000000000:workerless-local-docked"
    found = functions.list_event_source_mappings(EventSourceArn=queue)
    assert [one["State"] for one in found["EventSourceMappings"]] == ["Disabled"]
    assert "mapping_enabled" not in looked.stdout
    assert job.status().state is State.PENDING
    job.cancel(reason="nobody runs it")


def test_what_the_image_holds_is_all_that_its_command_needs(
    cloud: Cloud, client: Client, docked: JobType[Any, Any], image: Image, tmp_path: Path
) -> None:
    jobs = client.enqueue_many(docked, [docked.payload()] * 3)

    with container(cloud, tmp_path, image=image) as process:
        ended = [one.wait(_PATIENCE) for one in jobs]
        wait_until(lambda: healthy(cloud, tmp_path, image))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=25)

    assert {(one.state, one.attempt) for one in ended} == {(State.COMPLETED, 1)}
    assert code == 0


def test_sigterm_in_a_job_lets_it_finish_and_puts_the_rest_back_unspent(
    cloud: Cloud, client: Client, docked: JobType[Any, Any], tmp_path: Path
) -> None:
    jobs = client.enqueue_many(docked, [docked.payload(seconds=4)] * 5)

    with container(cloud, tmp_path) as process:
        wait_until(lambda: begun(jobs))
        told_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=40)
    took = time.monotonic() - told_at
    stands = [one.status() for one in jobs]

    assert code == 0
    assert took < 30
    finished = [one for one in stands if one.state is State.COMPLETED]
    back = [one for one in stands if one.state is not State.COMPLETED]
    assert {one.attempt for one in finished} == {1}
    assert finished
    assert back
    assert {one.attempt for one in back} == {0}
    with container(cloud, tmp_path, "--processes", "2"):
        ended = [one.wait(_PATIENCE) for one in jobs]
    assert {(one.state, one.attempt) for one in ended} == {(State.COMPLETED, 1)}


def test_job_longer_than_the_grace_is_put_back_and_its_attempt_not_spent(
    cloud: Cloud, client: Client, docked: JobType[Any, Any], tmp_path: Path
) -> None:
    job = client.enqueue(docked, docked.payload(seconds=18))

    with container(cloud, tmp_path, "--grace", "10s") as process:
        wait_until(lambda: begun([job]))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)
    stands = job.status()

    assert code == 0
    assert (stands.state, stands.attempt) == (State.SCHEDULED, 0)
    assert len((tmp_path / "left").read_text().split()) == 1
    with container(cloud, tmp_path):
        assert job.wait(_PATIENCE).state is State.COMPLETED


def test_killed_container_loses_no_job(
    cloud: Cloud, client: Client, docked: JobType[Any, Any], tmp_path: Path
) -> None:
    job = client.enqueue(docked, docked.payload(seconds=3))

    with container(cloud, tmp_path) as process:
        wait_until(lambda: begun([job]))
        process.kill()
        process.wait()
        progress = job.status().progress
        assert progress is not None
        pid = int(progress.step or "0")  # its process outlives it just to finish

        ended = job.wait(_PATIENCE)
        wait_until(lambda: not Path(f"/proc/{pid}").exists())

    assert (ended.state, ended.attempt) == (State.COMPLETED, 1)
