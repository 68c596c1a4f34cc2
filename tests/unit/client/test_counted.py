"""What is counted as enqueued: jobs that are new, and on their way."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.client.producer import ADA, Greet, NotedQueue, NotedStore, greet
from workerless import Tracking, metric
from workerless.client import Client
from workerless.counting import counter, own_log
from workerless.errors import EnqueueFailedError
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.memory import FakeClock, InMemoryBlobs, InMemoryDirectory

type Told = list[tuple[str, int]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def client(clock: FakeClock, store: NotedStore, queue: NotedQueue, told: Told) -> Client:
    return Client(
        store=store,
        unique=InMemoryUniqueStore(store),
        queue=queue,
        blobs=InMemoryBlobs(clock),
        directory=InMemoryDirectory(["greet", "other"]),
        clock=clock,
        told=lambda name, jobs: told.append((name, jobs)),
    )


def test_new_jobs_are_counted_once_a_call(client: Client, told: Told) -> None:
    client.enqueue(greet, ADA)
    client.enqueue_many(greet, [Greet(name=f"Ada {n}") for n in range(450)])
    client.enqueue_json("other", {"name": "Ada"})
    client.enqueue(greet, ADA, delay=timedelta(hours=1))

    assert told == [("greet", 1), ("greet", 400), ("greet", 50), ("other", 1), ("greet", 1)]


def test_a_job_that_is_there_already_is_not_counted_again(client: Client, told: Told) -> None:
    client.enqueue(greet, ADA, job_id="a")
    client.enqueue(greet, ADA, job_id="a")
    client.promote("a")

    assert told == [("greet", 1)]


@pytest.mark.parametrize(("tracking", "counted"), [(Tracking.FULL, 1), (Tracking.OFF, 0)])
def test_what_could_not_be_sent_counts_if_it_is_stored(
    client: Client, queue: NotedQueue, told: Told, tracking: Tracking, counted: int
) -> None:
    queue.failing.add("Ada")
    with pytest.raises(EnqueueFailedError):
        client.enqueue(replace(greet, tracking=tracking), ADA)

    assert sum(jobs for _, jobs in told) == counted


def test_a_line_tells_cloudwatch() -> None:
    lines: list[str] = []
    tell = counter("prod", lines.append)
    assert tell is not None

    tell("greet", 25)

    line = json.loads(lines[0])
    assert (line["service"], line["job_type"]) == ("workerless-prod", "greet")
    assert line[line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]] == 25
    assert metric.values({**line, "event": line["message"]}) == {metric.JOBS_ENQUEUED: 25}


@pytest.mark.parametrize(
    ("variables", "is_ours"),
    [
        ({"WORKERLESS_STAGE": "prod", "AWS_LAMBDA_FUNCTION_NAME": "f"}, True),
        ({"WORKERLESS_STAGE": "dev", "AWS_LAMBDA_FUNCTION_NAME": "f"}, False),
        ({"WORKERLESS_STAGE": "prod"}, False),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, False),
    ],
)
def test_only_functions_of_the_stage_write_without_being_asked(
    variables: dict[str, str], *, is_ours: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    write = own_log("prod", variables)

    assert (write is not None) == is_ours
    if write is not None:
        write("{}")
        assert capsys.readouterr().out == "{}\n"
    assert counter("prod", None) is None
