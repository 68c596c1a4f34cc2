"""How big and how busy the items of a workflow get: a thousand members end each second.

Each job takes a millisecond of a virtual clock and ends alone, so that no two share a write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import batched

import pytest

from tests.simulation.scales import Scales
from workerless import Fail, Fixed, JobType, OnFailure, Payload, Result, chord, group, result_of
from workerless.frozen import replace
from workerless.limits import MAX_ITEM_BYTES
from workerless.states import State
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker
from workerless.workflow.build import Part
from workerless.workflow_ends import tell_containers

_MILLISECOND = timedelta(milliseconds=1)
_WRITES_A_SECOND = 400
# Of DynamoDB's 1,000 a partition, and of its 400 KB: far below, so that nobody need count closely.


class Number(Payload):
    """Which member it is."""

    n: int


class Numbers(Payload):
    """What the members gave."""

    ns: list[int | None]


class Given(Result):
    """The same."""

    n: int


count = JobType(name="count", payload=Number, result=Given, retry=Fixed(attempts=1), batch_size=1)
add = JobType(name="add", payload=Numbers, result=Given)


@contextmanager
def weighed(*, fails: bool = False) -> Iterator[tuple[InMemoryStage, Scales]]:
    """A stage whose jobs end one after another, a thousand a second."""

    @worker(count)
    def counting(payload: Number) -> Given:
        stage.clock.advance(_MILLISECOND)
        if fails:
            raise Fail("as asked")
        return Given(n=1)

    @worker(add)
    def adding(payload: Numbers) -> Given:
        return Given(n=sum(n or 0 for n in payload.ns))

    with InMemoryStage(counting, adding) as stage:
        stage.doubles.store.containers = scales = Scales(stage.clock)
        yield stage, scales


def check(scales: Scales, *, writes_a_second: int = _WRITES_A_SECOND) -> None:
    assert max(scales.bytes.values()) < MAX_ITEM_BYTES / 4
    assert max(scales.a_second.values()) < writes_a_second, dict(scales.a_second)


def fan(members: int) -> Part:
    parts = [count.with_(n=number) for number in range(members)]
    return chord(parts, add.with_(ns=result_of().n))


@pytest.mark.parametrize("members", [1, 2, 100, 10_000])
def test_chord_of_any_size_is_gathered_in_items_that_are_small_and_seldom_written(
    members: int,
) -> None:
    with weighed() as (stage, scales):
        run = stage.client.start(fan(members))
        status = run.wait(timedelta(hours=1))

        assert (status.state, run.result()) == ("completed", {"n": members})
    check(scales)


@pytest.mark.parametrize("parts", [10, 100])
def test_workflows_in_workflows_are_gathered_so_too(parts: int) -> None:
    with weighed() as (stage, scales):
        run = stage.client.start(group(*(fan(10) for _ in range(parts))))
        status = run.wait(timedelta(hours=1))

        assert (status.state, status.completed) == ("completed", parts)
    check(scales)


@pytest.mark.parametrize("members", [100, 1_000])
def test_members_that_fail_write_no_more_of_an_item(members: int) -> None:
    with weighed(fails=True) as (stage, scales):
        calls = [count.with_(n=number) for number in range(members)]
        run = stage.client.start(group(*calls, on_failure=OnFailure.CONTINUE))
        status = run.wait(timedelta(hours=1))

        assert (status.state, status.failed) == ("completed_with_errors", members)
    check(scales)


def test_members_redriven_by_the_thousand_write_their_batch_seldom() -> None:
    """An operation redrives a hundred at a time, in the order in which they failed."""
    with weighed(fails=True) as (stage, scales):
        calls = [count.with_(n=number) for number in range(1_000)]
        run = stage.client.start(group(*calls, on_failure=OnFailure.CONTINUE))
        run.wait(timedelta(hours=1))
        failed = [record for record in stage.doubles.store.records() if record.member_of]
        assert len(failed) == 1_000

        for some in batched(failed, 100, strict=True):
            stage.clock.advance(100 * _MILLISECOND)
            again = [replace(one, state=State.PENDING, generation=2) for one in some]
            tell_containers(again, scales, stage.clock.now())
    check(scales)
