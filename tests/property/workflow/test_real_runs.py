"""Random workflows through client, workers and orchestrator: they end as the laws say."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from tests.property.workflow.plans import expected, fates
from tests.property.workflow.world import Job
from workerless import (
    Discard,
    Fail,
    Fixed,
    JobType,
    OnFailure,
    Payload,
    Workflow,
    chain,
    group,
    step,
)
from workerless.execution.context import JobContext
from workerless.orchestration.around import left_by
from workerless.redrive import Redrive
from workerless.resend import resent
from workerless.run_handle import Run
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker
from workerless.workflow.build import Part, Step
from workerless.workflow.call import Call
from workerless.workflow.compiling import definition_of
from workerless.workflow.control import Ending
from workerless.workflow.definition import Kind
from workerless.workflow.mark import SlotState

LAW = settings(deadline=None, max_examples=500 if NIGHTLY else 25)
KINDS = (SlotState.FAILED, SlotState.FAILED, SlotState.DISCARDED)


class Nothing(Payload):
    """Nothing is needed; ``step`` tells whose effect it is."""

    step: str


do = JobType(name="do", payload=Nothing, retry=Fixed(attempts=1))
undo = JobType(name="undo", payload=Nothing, retry=Fixed(attempts=1))


# Most fail all.
POLICIES = (*(OnFailure.FAIL,) * 4, OnFailure.CONTINUE, OnFailure.IGNORE)


def a_part(
    random: Random,
    numbers: Iterator[int],
    depth: int = 3,
    *,
    undoing: float = 0.5,
    policies: Sequence[OnFailure] = POLICIES,
) -> Part:
    steps: list[Step] = []
    for _ in range(random.randint(1, 4)):
        name = f"s{next(numbers)}"
        is_nested = depth > 1 and random.random() < 0.3
        is_undone = random.random() < undoing
        after = [one.name for one in steps if random.random() < 0.3]
        steps.append(
            step(
                name,
                a_part(random, numbers, depth - 1, undoing=undoing, policies=policies)
                if is_nested
                else do.with_(step=name),
                after=after,
                on_failure=random.choice(policies),
                compensate=undo.with_(step=name) if is_undone and not is_nested else None,
            )
        )
    loose = [step(one.name, one.part, compensate=one.compensate) for one in steps]
    kind = random.choice(["chain", "group", "workflow"])
    if kind == "workflow":
        return Workflow("w", *steps)
    return chain(*loose) if kind == "chain" else group(*loose)


def compensated(part: Part) -> set[str]:
    """The steps in it whose effect can be made good."""
    if isinstance(part, Call):
        return set()
    steps = [one for one in part.parts if isinstance(one, Step)]
    own = {one.name for one in steps if one.compensate}
    return own.union(*(compensated(one.part) for one in steps))


class Shop:
    """A stage whose jobs end as ``fate`` says, and what they did."""

    def __init__(self, fate: Callable[[Job], SlotState]) -> None:
        self.fate = fate
        self.done: list[str] = []
        self.undone: list[str] = []
        self.completed: list[str] = []

    def stage(self) -> InMemoryStage:
        @worker(do)
        def doing(payload: Nothing, job: JobContext) -> None:
            self.done.append(payload.step)
            container, _, slot = job.job_id.rpartition(".")
            match self.fate(Job(job_id=job.job_id, container=container, slot=slot)):
                case SlotState.FAILED:
                    raise Fail("as it was drawn")
                case SlotState.DISCARDED:
                    raise Discard("as it was drawn")
            self.completed.append(payload.step)

        @worker(undo)
        def undoing(payload: Nothing) -> None:
            self.undone.append(payload.step)

        return InMemoryStage(doing, undoing)


@LAW
@given(st.integers(0, 10**9), st.sampled_from([0.0, 0.1, 0.3]))
def test_run_ends_as_its_steps_do_and_what_a_failed_one_did_is_made_good(
    seed: int, trouble: float
) -> None:
    shop = Shop(fates(seed, trouble, KINDS))
    part = a_part(Random(seed), itertools.count())

    with shop.stage() as stage:
        status = stage.client.start(part, workflow_id="run").wait()

    assert status.state == expected(definition_of(part), shop.fate).value
    assert len(shop.done) == len(set(shop.done))
    assert len(shop.undone) == len(set(shop.undone))
    if status.state == Ending.FAILED.value:
        assert set(shop.undone) == compensated(part) & set(shop.done)


@LAW
@given(st.integers(0, 10**9))
def test_run_completes_once_all_that_failed_was_redriven(seed: int) -> None:
    shop = Shop(fates(seed, 0.3, (SlotState.FAILED,)))
    part = a_part(Random(seed), itertools.count(), undoing=0)

    with shop.stage() as stage:
        run = stage.client.start(part, workflow_id="run")
        run.wait()
        shop.fate = well
        while failed := [one.id for one in stage.failed(do)]:
            redrive(failed, stage)
            stage.run_all()
        status = run.status()

    assert status.state == "completed"
    assert (status.completed, status.failed, status.cancelled) == (status.total, 0, 0)


@LAW
@given(st.integers(0, 10**9))
def test_run_completes_once_what_failed_within_was_retried_there(seed: int) -> None:
    shop = Shop(fates(seed, 0.3, (SlotState.FAILED,)))
    part = a_part(Random(seed), itertools.count(), undoing=0)

    with shop.stage() as stage:
        run = stage.client.start(part, workflow_id="run")
        run.wait()
        shop.fate = well
        while failed := innermost(stage):
            failed.retry()
            stage.run_all()
        status = run.status()

    assert status.state == "completed"
    assert (status.completed, status.failed, status.cancelled) == (status.total, 0, 0)


@LAW
@given(st.integers(0, 10**9))
def test_retried_run_completes_and_repeats_nothing_that_completed(seed: int) -> None:
    shop = Shop(fates(seed, 0.3, (SlotState.FAILED,)))
    part = a_part(Random(seed), itertools.count(), undoing=0, policies=(OnFailure.FAIL,))

    with shop.stage() as stage:
        run = stage.client.start(part, workflow_id="run")
        is_well = run.wait().state == "completed"
        stage.run_all()
        shop.fate = well
        if not is_well:
            run.retry()
        stage.run_all()
        status = run.status()

    assert (status.state, status.completed) == ("completed", status.total)
    assert len(shop.completed) == len(set(shop.completed))


def innermost(stage: InMemoryStage) -> Run | None:
    """One that did not end well, may be retried, and has none in it; None once there is none."""
    containers = stage.doubles.orchestra().containers
    found = [
        one
        for state in ("failed", "cancelled", "completed_with_errors")
        for one in containers.list(Kind.WORKFLOW, state, limit=200).found
        if left_by(one, stage.doubles.orchestra()) is None
    ]
    inner = max(found, key=lambda one: (one.depth, one.container_id), default=None)
    return stage.client.workflow(inner.container_id) if inner else None


def redrive(job_ids: list[str], stage: InMemoryStage) -> None:
    store, now = stage.doubles.store, stage.doubles.clock.now()
    seen = [one for one in store.get_many(job_ids) if one]
    store.redrive_many([Redrive(seen=one, by="ada", at=now, run_at=now) for one in seen])
    again = [resent(one, now) for one in store.get_many(job_ids) if one]
    stage.doubles.queue.send_many(stage.doubles.directory.find("do").queue, again)


def well(_: Job) -> SlotState:
    return SlotState.COMPLETED
