"""What is enqueued while a request is at work belongs to what the request's own log lines do."""

import io
from collections.abc import Iterator, Sequence
from threading import Thread

import pytest
from aws_lambda_powertools import Logger

from workerless import JobType, Payload, chain, correlated
from workerless.chunks import chunk_worker
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Nothing(Payload):
    """No more is needed."""

    n: int = 0


many = JobType(name="many", payload=Nothing, children=("leaf",), batch_size=5)
leaf = JobType(name="leaf", payload=Nothing, children=("leaf",))


@pytest.fixture
def logger() -> Iterator[Logger]:
    made = Logger(service="a-team", stream=io.StringIO())
    yield made
    made.set_correlation_id(None)
    made.thread_safe_clear_keys()


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    with InMemoryStage(leaf) as made:
        yield made


def correlations(stage: InMemoryStage) -> list[str | None]:
    return [one.correlation_id for one in stage.doubles.store.records()]


def test_job_belongs_to_the_request_that_powertools_logs(
    stage: InMemoryStage, logger: Logger
) -> None:
    logger.set_correlation_id("request-1")

    stage.client.enqueue(leaf, Nothing())
    stage.client.start(chain(leaf.with_(n=1)))
    stage.run_all()

    assert correlations(stage) == ["request-1"] * 2


def test_what_is_told_counts_more_and_what_was_before_counts_no_more(
    stage: InMemoryStage, logger: Logger
) -> None:
    logger.set_correlation_id("request-1")

    with correlated("order-7"):
        stage.client.enqueue(leaf, Nothing())
    stage.client.enqueue(leaf, Nothing(n=1), correlation_id="own")
    logger.set_correlation_id(None)
    job = stage.client.enqueue(leaf, Nothing(n=2))

    assert correlations(stage) == ["order-7", "own", job.id]


def test_threads_have_the_ids_that_they_said_themselves(
    stage: InMemoryStage, logger: Logger
) -> None:
    def request(name: str) -> None:
        logger.thread_safe_append_keys(correlation_id=name)
        stage.client.enqueue(leaf, Nothing())

    for name in ("request-1", "request-2"):
        thread = Thread(target=request, args=(name,))
        thread.start()
        thread.join()

    assert correlations(stage) == ["request-1", "request-2"]


def test_loggers_that_differ_and_ids_that_no_message_can_have_are_none(
    stage: InMemoryStage, logger: Logger
) -> None:
    other = Logger(service="another-team", stream=io.StringIO())
    logger.set_correlation_id("request-1")
    other.set_correlation_id("request-2")
    first = stage.client.enqueue(leaf, Nothing())
    other.set_correlation_id("a\nline")
    second = stage.client.enqueue(leaf, Nothing(n=1))
    logger.set_correlation_id("x" * 257)
    third = stage.client.enqueue(leaf, Nothing(n=2))
    other.set_correlation_id(None)

    assert correlations(stage) == [first.id, "request-1", third.id]
    assert second.status().correlation_id == "request-1"


def test_in_a_handler_its_job_counts_whatever_is_logged(
    stage: InMemoryStage, logger: Logger
) -> None:
    logger.set_correlation_id("request-1")

    @worker(leaf)
    def perform(payload: Nothing) -> None:
        if payload.n == 0:
            logger.set_correlation_id("left from another")
            stage.client.enqueue(leaf, Nothing(n=1))

    stage.use(perform)
    stage.client.enqueue(leaf, Nothing())
    stage.run_all()

    assert correlations(stage) == ["request-1"] * 2


def test_jobs_of_a_chunk_that_differ_belong_to_no_request_that_is_logged(
    stage: InMemoryStage, logger: Logger
) -> None:
    @chunk_worker(many)
    def perform(payloads: Sequence[Nothing]) -> None:
        logger.set_correlation_id("left from another")
        stage.client.enqueue(leaf, Nothing())

    stage.use(perform)
    for number in range(2):
        stage.client.enqueue(many, Nothing(n=number), correlation_id=f"order-{number}")
    stage.run_all()

    assert correlations(stage)[:2] == ["order-0", "order-1"]
    assert "left from another" not in correlations(stage)
