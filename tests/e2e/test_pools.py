"""A pool on the local cloud: one function runs the jobs of several types, each as its own."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.seen import dead_letters, reason_of
from workerless import State
from workerless.client import Client
from workerless.job_type import JobType
from workerless.ports import Address

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]
FUNCTION = "workerless-local--pool-tiny"
MINUTE = timedelta(minutes=1)


def test_one_function_runs_jobs_of_all_types_in_all_lanes(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    first, second = job_types["tiny_first"], job_types["tiny_second"]
    jobs = [
        *(client.enqueue(first, first.payload(number=n, failures=n % 2)) for n in range(6)),
        *(client.enqueue(second, second.payload(number=n), lane="premium") for n in range(3)),
        *(client.enqueue(second, second.payload(number=n), lane="free") for n in range(3)),
    ]

    ended = [job.wait(MINUTE) for job in jobs]

    assert {one.state for one in ended} == {State.COMPLETED}
    results = [one.result for one in ended if one.result is not None]
    assert [one.by for one in results] == ["tiny_first"] * 6 + ["tiny_second"] * 6
    assert {one.function for one in results} == {FUNCTION}
    assert {address(name).function for name in ("tiny_first", "tiny_second")} == {FUNCTION}
    names = [one["FunctionName"] for one in boto3.client("lambda").list_functions()["Functions"]]
    assert [name for name in names if "tiny" in name] == [FUNCTION]


def test_failed_job_is_in_the_dead_letters_of_its_own_type(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    second = job_types["tiny_second"]
    job = client.enqueue(second, second.payload(number=1, failures=2), lane="free")

    assert job.wait(MINUTE).failed_reason == "attempts_exhausted"

    (letter,) = dead_letters(address("tiny_second"), {job.id})
    assert reason_of(letter) == "attempts_exhausted"


def test_bare_message_is_a_job_of_its_queues_type(
    client: Client, address: Callable[[str], Address], aws: None
) -> None:
    sent = boto3.client("sqs").send_message(
        QueueUrl=address("tiny_first").queue, MessageBody=json.dumps({"number": 1})
    )

    ended = client.job(sent["MessageId"]).wait(MINUTE)

    assert (ended.state, ended.type) == (State.COMPLETED, "tiny_first")


def test_each_member_is_paused_alone(client: Client, job_types: JobTypes, cloud: Cloud) -> None:
    first, second = job_types["tiny_first"], job_types["tiny_second"]
    paused = cloud.workerless("queues", "pause", "tiny_first", "--why", "a test")
    assert paused.returncode == 0, paused.stderr
    try:
        client.enqueue(second, second.payload(number=1)).wait(MINUTE)
    finally:
        resumed = cloud.workerless("queues", "resume", "tiny_first")
    assert resumed.returncode == 0, resumed.stderr
    assert client.enqueue(first, first.payload(number=1)).wait(MINUTE).state is State.COMPLETED
