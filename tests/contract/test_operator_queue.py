"""OperatorQueue: what is counted, and that a purge leaves nothing."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from tests.contract.conftest import Cloud
from workerless.aws.operator_queue import SqsOperatorQueue
from workerless.errors import QueueUnavailableError
from workerless.operator_ports import Depth, OperatorQueue
from workerless.ports import Outgoing
from workerless.testing.memory import FakeClock, InMemoryQueue


@pytest.fixture(params=["memory", "moto", pytest.param("local", marks=pytest.mark.local_cloud)])
def queue_at(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> tuple[OperatorQueue, str]:
    if request.param == "memory":
        return InMemoryQueue(clock), "queue"
    client = clouds(request.param).sqs
    url = client.create_queue(QueueName=f"queue-{request.param}-{id(clock)}")["QueueUrl"]
    return SqsOperatorQueue(client, clock, Random(0)), url


def test_depth_tells_what_waits_is_in_flight_or_delayed(
    queue_at: tuple[OperatorQueue, str],
) -> None:
    queue, address = queue_at
    queue.send_many(address, [Outgoing(body="{}")] * 5)
    queue.send_many(address, [Outgoing(body="{}", delay=timedelta(minutes=5))] * 2)
    queue.receive(address, limit=1, hide=timedelta(minutes=1))

    assert queue.depth(address) == Depth(waiting=4, in_flight=1, delayed=2)


def test_purge_leaves_nothing(queue_at: tuple[OperatorQueue, str]) -> None:
    queue, address = queue_at
    queue.send_many(address, [Outgoing(body="{}")] * 5)

    queue.purge(address)

    assert queue.depth(address) == Depth(waiting=0, in_flight=0, delayed=0)


def test_queue_that_is_not_there_is_told(cloud: Cloud, clock: FakeClock) -> None:
    queue = SqsOperatorQueue(cloud.sqs, clock, Random(0))
    url = cloud.sqs.create_queue(QueueName=f"gone-{id(clock)}")["QueueUrl"]
    cloud.sqs.delete_queue(QueueUrl=url)

    with pytest.raises(QueueUnavailableError, match="did not say how many"):
        queue.depth(url)
    with pytest.raises(QueueUnavailableError, match="was not purged"):
        queue.purge(url)
