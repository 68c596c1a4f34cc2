"""What it costs that a job is a member of a batch, and how big and busy a batch's items get."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.budgets.conftest import MeteredBench
from tests.unit.execution.bench import TASK, Done, Task
from tests.unit.execution.flows import FLOW, flow, opened
from tests.unit.execution.test_batching import batching
from workerless.aws.value import size
from workerless.aws.workflow.change import open_pages, write_marks
from workerless.aws.workflow.containers import OPENED_AT_ONCE
from workerless.aws.workflow.item import root_key, to_root
from workerless.enqueueing import Options
from workerless.limits import MAX_ITEM_BYTES
from workerless.testing.clock import START
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.page import MAX_MEMBERS, MAX_PAGE, MAX_PAGES, in_pages, page_id
from workerless.workflow_ports import Container

type MakeMetered = Callable[..., MeteredBench]
MEMBERS = 32  # a page
SECOND = timedelta(seconds=1)
MAX_EXPRESSION_BYTES = 4_096
# Beyond put, claim and finish, which every job costs.
WRITES_OF_TEN, WRITES_ALONE = 0.3, 1.2
UNITS_OF_TEN, UNITS_ALONE = 1, 2


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def run(bench: MeteredBench, at_once: int, *, members: bool) -> Counter[str]:
    """Requests of the store from the first to the end of the last job."""
    bench.handle(echo)
    payloads = [Task(text=f"job {number}") for number in range(MEMBERS)]
    if members:
        opened(bench)
        batching(bench).add(FLOW, TASK, [(one, Options()) for one in payloads])
    else:
        bench.client.enqueue_many(TASK, payloads)
    bench.clock.advance(SECOND)
    while bench.queue.messages(bench.address.queue):
        bench.deliver(at_once)
    return bench.meter.requests


@pytest.mark.parametrize(
    ("at_once", "writes", "units"),
    [(10, WRITES_OF_TEN, UNITS_OF_TEN), (1, WRITES_ALONE, UNITS_ALONE)],
)
def test_member_costs_a_mark_more_than_another_job(
    make_metered: MakeMetered, at_once: int, writes: float, units: int
) -> None:
    plain, batch = make_metered(), make_metered()

    more = run(batch, at_once, members=True) - run(plain, at_once, members=False)

    assert flow(batch).is_done
    assert set(more) == {"UpdateItem", "PutItem"}
    assert sum(more.values()) / MEMBERS <= writes
    assert (batch.meter.units - plain.meter.units) / MEMBERS <= units


def test_job_without_a_batch_costs_what_it_did(make_metered: MakeMetered) -> None:
    plain = make_metered()

    assert set(run(plain, 10, members=False)) == {"BatchExecuteStatement"}


@pytest.mark.parametrize("members", [1, 2, 100, 1_000, 10_000, MAX_MEMBERS])
def test_no_item_of_a_batch_is_near_dynamodb_s_limit(members: int) -> None:
    pages = in_pages([f"job-{number:0128}" for number in range(members)])
    marks = {
        str(slot): Mark(generation=1, state=SlotState.COMPLETED, at=START, began=True)
        for slot in range(len(pages[0]))
    }

    page = write_marks(marks).changes
    ids = sum(len(json.dumps(one)) + 3 for one in pages[0])
    root = root_with(len(pages))

    assert sum(size(name, value) for name, value in page.items() if value) < MAX_ITEM_BYTES / 20
    assert ids < MAX_ITEM_BYTES / 10
    assert root < MAX_ITEM_BYTES / 4


def test_root_with_as_many_pages_as_there_may_be_fits() -> None:
    assert root_with(MAX_PAGES) < MAX_ITEM_BYTES / 2


def test_pages_opened_at_once_fit_an_expression() -> None:
    pages = {page_id([str(number)], 0): MAX_PAGE for number in range(OPENED_AT_ONCE)}

    told = open_pages(pages, START).parameters("table", root_key("f" * 128))

    assert len(told["ConditionExpression"]) < MAX_EXPRESSION_BYTES
    assert len(told["UpdateExpression"]) < MAX_EXPRESSION_BYTES


def root_with(pages: int) -> int:
    """Bytes of a root that waits for so many pages."""
    new = Container(
        container_id=FLOW,
        name="flow",
        kind=Kind.BATCH,
        state="running",
        control="{}",
        created_at=START,
        updated_at=START,
    )
    item = to_root(new, START)
    for number in range(pages):
        item |= {
            name: value
            for name, value in open_pages({page_id([str(number)], 0): 250}, START).changes.items()
            if value
        }
    return sum(size(name, value) for name, value in item.items())


@pytest.mark.parametrize("members", [1_000, 10_000, MAX_MEMBERS])
def test_no_item_is_written_more_than_400_times_a_second(members: int) -> None:
    """A thousand members end each second, in the order in which they were added."""
    rate = 1_000
    pages = in_pages([str(number) for number in range(members)])
    ends = [number for number, page in enumerate(pages) for _ in page]

    for start in range(0, members, rate):
        second = Counter(ends[start : start + rate])
        assert max(second.values()) <= MAX_PAGE < 400
        assert len(second) < 100  # pages that the root may have to close
