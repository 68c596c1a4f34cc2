"""A bound that moves with what waits, on the local cloud."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import Cloud
from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

MINUTE = timedelta(minutes=1)


def bound() -> int:
    functions = boto3.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName="workerless-local-swelling")[
        "EventSourceMappings"
    ]
    return int(mapping["ScalingConfig"]["MaximumConcurrency"])


def test_bound_is_the_least_until_jobs_wait(
    client: Client, job_types: dict[str, JobType[Any, Any]], cloud: Cloud
) -> None:
    swelling, at_first = job_types["swelling"], bound()

    jobs = client.enqueue_many(swelling, [swelling.payload(number=n) for n in range(14)])
    boto3.client("lambda").invoke(FunctionName="workerless-local--operator", Payload=b"{}")

    assert (at_first, bound()) == (2, 5)
    stats = cloud.workerless("queues", "stats", "swelling", "--json")
    assert json.loads(stats.stdout)["at_once"] == {"now": 5, "least": 2, "most": 5}
    assert {job.wait(MINUTE).state for job in jobs} == {State.COMPLETED}
