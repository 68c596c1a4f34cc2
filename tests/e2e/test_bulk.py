"""Bulk operations on the local cloud: thousands of dead jobs, and a driver that is killed."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.morgue import Morgue
from workerless.client import Client
from workerless.job_type import JobType
from workerless.ledger import Kind, Operation, Stand
from workerless.operating import operate
from workerless.operations.service import Operations
from workerless.search import Search
from workerless.states import State

pytestmark = pytest.mark.local_cloud

NUMBER = int(os.environ.get("BULK_JOBS", "500"))
# What is promised for 60 s, of a machine that does nothing else meanwhile.
FULL = 10_000
# Slow enough that five interruptions find it at work; thousands of jobs are so by themselves.
RATE = 100.0 if NUMBER < FULL else None
PATIENCE_SECONDS = 5.0


def test_all_dead_jobs_run_once_though_their_operation_is_interrupted_five_times(
    cloud: Cloud, client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    revived = job_types["revived"]
    morgue, operations = Morgue(revived), operate("local", by="somebody", root=cloud.root)
    ids = morgue.fill([revived.payload(number=number) for number in range(NUMBER)])
    began = time.monotonic()

    operation = operations.bulk.start(
        Kind.RETRY, Search(job_type="revived"), why="fixed", rate=RATE
    )
    for nth in range(1, 6):
        _follow(operations, operation, lambda one, nth=nth: one.counts.done >= nth * NUMBER / 6)
        _interrupt(nth, operations, operation, cloud)
    _follow(operations, operation, lambda one: one.counts.seen == NUMBER)
    took = time.monotonic() - began
    done = _follow(operations, operation, lambda one: one.stand is not Stand.RUNNING)
    cleared = time.monotonic() - began
    found = Counter((one.state, one.generation, one.attempt) for one in _ended(morgue, ids))

    print(
        f"{NUMBER} dead jobs retried after {took:.1f} s, their letters gone after {cleared:.1f} s"
    )
    assert (done.stand, done.counts.done, done.counts.failed) == (Stand.DONE, NUMBER, 0)
    assert found == {(State.COMPLETED, 2, 1): NUMBER}
    assert morgue.letters() == 0
    assert took < 60 or NUMBER < FULL


def _follow(operations: Operations, operation: Operation, enough: Any) -> Operation:
    """As the command line does: after five seconds without progress it kicks."""
    moved_at = kicked_at = time.monotonic()
    version = 0
    while time.monotonic() < moved_at + 60:
        now = operations.bulk.get(operation.operation_id)
        if enough(now):
            return now
        if now.version != version:
            version, moved_at = now.version, time.monotonic()
        if time.monotonic() - max(moved_at, kicked_at) > PATIENCE_SECONDS:
            kicked_at = time.monotonic()
            operations.bulk.kick()
        time.sleep(0.05)
    raise AssertionError(f"no progress for a minute: {now}")


def _interrupt(nth: int, operations: Operations, operation: Operation, cloud: Cloud) -> None:
    """Even ones kill the process of the operator function, odd ones abort and resume."""
    if nth % 2 == 0:
        assert _kill_operator(cloud), "no process of the operator function was there to be killed"
        operations.bulk.kick()
        return
    operations.bulk.abort(operation.operation_id, why="let me look")
    time.sleep(0.5)
    operations.bulk.resume(operation.operation_id)


def _kill_operator(cloud: Cloud) -> int:
    """How many processes were killed: those of this cloud that run the operator function."""
    endpoint = f":{cloud.running.endpoint.rsplit(':', 1)[1]}".encode()
    killed = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environ = (process / "environ").read_bytes()
            if b"AWS_LAMBDA_FUNCTION_NAME=workerless-local--operator" in environ.split(b"\0") and (
                endpoint in environ
            ):
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    return killed


def _ended(morgue: Morgue, ids: list[str]) -> list[Any]:
    give_up_at = time.monotonic() + 600
    while time.monotonic() < give_up_at:
        records = morgue.records(ids)
        if all(one is not None and one.state.is_terminal for one in records):
            return records
        time.sleep(1)
    raise AssertionError(Counter(one and one.state for one in records))
