"""From the request to the last child: one correlation, one trace, whichever way it goes."""

import json
from collections.abc import Callable, Iterator, Sequence
from threading import Thread

import pytest

from workerless import Fail, Fixed, JobType, Payload, Workflow, chain, chord, correlated, group
from workerless import step as step_of
from workerless.chunks import chunk_worker
from workerless.execution.context import JobContext
from workerless.origin import correlation, origin
from workerless.ports import Outgoing
from workerless.record import Record
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"


class Leaf(Payload):
    """What is at the end of all ways."""

    n: int = 0


type Way = Callable[[InMemoryStage], object]

root = JobType(name="root", payload=Leaf, children=("leaf",), batch_size=4)
leaf = JobType(name="leaf", payload=Leaf, retry=Fixed(attempts=1))
bad = JobType(name="bad", payload=Leaf, retry=Fixed(attempts=1))


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    @worker(bad)
    def fail(payload: Leaf) -> None:
        raise Fail("as ever")

    @worker(leaf)
    def end(payload: Leaf) -> None: ...

    with InMemoryStage(end, fail) as made:
        yield made


def _batch(stage: InMemoryStage) -> None:
    with stage.client.batch(on_completion=leaf.with_(n=2)) as batch:
        batch.add(leaf, Leaf())
        batch.add_many(leaf, [Leaf(n=1)])


def _thread(stage: InMemoryStage) -> None:
    thread = Thread(target=lambda: stage.client.enqueue(leaf, Leaf()))
    thread.start()
    thread.join()


WAYS: dict[str, tuple[int, Way]] = {
    "enqueue": (1, lambda stage: stage.client.enqueue(leaf, Leaf())),
    "enqueue_many": (2, lambda stage: stage.client.enqueue_many(leaf, [Leaf(), Leaf(n=1)])),
    "enqueue_json": (1, lambda stage: stage.client.enqueue_json("leaf", {})),
    "thread": (1, _thread),
    "chain": (2, lambda stage: stage.client.start(chain(leaf.with_(), group(leaf.with_(n=1))))),
    "chord": (2, lambda stage: stage.client.start(chord([leaf.with_()], leaf.with_(n=1)))),
    "compensation": (
        1,
        lambda stage: stage.client.start(
            Workflow(
                "f",
                step_of("first", leaf.with_(), compensate=leaf.with_(n=1)),
                step_of("then", bad.with_(), after="first"),
            )
        ),
    ),
    "batch": (3, _batch),
}


def leaves(stage: InMemoryStage) -> list[Record]:
    return [one for one in stage.doubles.store.records() if one.job_type == "leaf"]


@pytest.mark.parametrize("way", WAYS)
def test_child_belongs_to_what_its_parent_does(stage: InMemoryStage, way: str) -> None:
    least, go = WAYS[way]

    @worker(root)
    def perform(payload: Leaf) -> None:
        go(stage)

    stage.use(perform)
    stage.client.enqueue(root, Leaf(), correlation_id="order-7", traceparent=TRACE)
    stage.run_all()

    made = leaves(stage)
    assert len(made) >= least
    assert {one.correlation_id for one in made} == {"order-7"}
    assert {json.loads(one.body)["traceparent"] for one in made} == {TRACE}


def test_child_names_its_parent_and_a_foreign_one_is_its_own_correlation(
    stage: InMemoryStage,
) -> None:
    seen: list[JobContext] = []

    @worker(root)
    def perform(payload: Leaf, job: JobContext) -> None:
        seen.append(job)
        stage.client.enqueue(leaf, Leaf())
        stage.client.enqueue(leaf, Leaf(n=1), correlation_id="own", parent_id="other")

    stage.use(perform)
    stage.run_message(root, '{"n": 1}')
    stage.run_all()

    (job,) = seen
    told = {(one.parent_id, one.correlation_id) for one in leaves(stage)}
    assert told == {(job.job_id, job.job_id), ("other", "own")}
    assert job.traceparent is None


def test_request_is_that_of_all_it_enqueues_and_of_nothing_after_it(stage: InMemoryStage) -> None:
    with correlated("request-1", traceparent=TRACE):
        first = stage.client.enqueue(leaf, Leaf())
        with correlated(None):
            second = stage.client.enqueue(leaf, Leaf())
    third = stage.client.enqueue(leaf, Leaf())

    found = {one.job_id: one.correlation_id for one in leaves(stage)}
    assert found == {first.id: "request-1", second.id: "request-1", third.id: third.id}
    assert (correlation(), origin().traceparent, origin().depth) == (None, None, -1)


def test_request_within_a_handler_keeps_depth_and_parent(stage: InMemoryStage) -> None:
    @worker(root)
    def perform(payload: Leaf, job: JobContext) -> None:
        with correlated("row-3"):
            stage.client.enqueue(leaf, Leaf())

    stage.use(perform)
    job = stage.client.enqueue(root, Leaf(), traceparent=TRACE)
    stage.run_all()

    (child,) = leaves(stage)
    told = json.loads(child.body)
    assert (child.correlation_id, child.parent_id) == ("row-3", job.id)
    assert (told["jobdepth"], told["traceparent"]) == (1, TRACE)


@pytest.mark.parametrize(("other", "common"), [("order-7", "order-7"), ("order-8", None)])
def test_jobs_of_a_chunk_hand_on_what_they_have_in_common(
    stage: InMemoryStage, other: str, common: str | None
) -> None:
    @chunk_worker(root)
    def perform(payloads: Sequence[Leaf]) -> None:
        stage.client.enqueue(leaf, Leaf())

    stage.use(perform)
    for number, name in enumerate(("order-7", other)):
        stage.client.enqueue(root, Leaf(n=number), correlation_id=name)
    stage.run_all()

    (child,) = leaves(stage)
    assert child.correlation_id == (common or child.job_id)
    assert child.parent_id is None


def test_trace_that_only_aws_was_told_of_is_the_job_s(stage: InMemoryStage) -> None:
    seen: list[str | None] = []

    @worker(root)
    def perform(payload: Leaf, job: JobContext) -> None:
        seen.append(job.traceparent)

    stage.use(perform)
    address = stage.doubles.directory.find("root")
    queue = stage.doubles.queue
    queue.send_many(address.queue, [Outgoing(body="{}", traceparent=TRACE)])
    queue.send_many(address.queue, [Outgoing(body='{"n": 1}', traceparent=TRACE[:-1] + "0")])
    stage.run_all()

    assert seen == [TRACE, None]
