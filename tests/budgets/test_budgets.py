"""What a job may cost. A budget is broken here before it is broken on a bill."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.budgets.conftest import MeteredBench
from tests.budgets.meter import price
from tests.unit.execution.bench import TASK, Done, Task
from workerless import JobType, Payload
from workerless.search import Search
from workerless.states import State
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.tracking import Tracking

JOBS = 50
SECOND = timedelta(seconds=1)
WRITE_UNITS = 6
RETRY_UNITS = 2
# The error's traceback makes a record of 2 KB: three writes and the end cost one more each.
RETRY_UNITS_WITH_TRACEBACK = 5
REQUESTS = 0.6
LEAN_WRITE_UNITS, LEAN_REQUESTS = 4, 0.5
UNTRACKED_REQUESTS = 0.3

FAILED = Search(job_type="send_email", states=frozenset({State.FAILED}))


class Found(Payload):
    """What is looked for."""

    text: str
    number: int


type MakeMetered = Callable[..., MeteredBench]


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def run(bench: MeteredBench, perform: Callable[..., Any], jobs: int) -> None:
    """From bulk enqueue to the end of every job."""
    bench.handle(perform)
    bench.client.enqueue_many(
        bench.job_type, [Task(text=f"job {number}") for number in range(jobs)]
    )
    bench.clock.advance(SECOND)
    for _ in range(2):  # all first attempts, then all retries
        for _ in range(0, len(bench.queue.messages(bench.address.queue)), 10):
            bench.deliver()
        bench.clock.advance(timedelta(minutes=1))
    assert bench.queue.messages(bench.address.queue) == []


def test_requests_of_a_job_from_bulk_enqueue_to_its_end(make_metered: MakeMetered) -> None:
    bench = make_metered()

    run(bench, echo, jobs=JOBS)

    requests = bench.requests()
    assert requests["ReceiveMessage"] == requests["DeleteMessageBatch"] == JOBS / 10
    assert requests["SendMessageBatch"] == JOBS / 10
    assert sum(requests.values()) / JOBS <= REQUESTS, requests


def test_requests_of_the_store_leave_room_for_those_of_the_queue(make_metered: MakeMetered) -> None:
    bench = make_metered()
    ids = [f"job-{number}" for number in range(JOBS)]

    bench.store.put_many([a_record(job_id) for job_id in ids])
    for start in range(0, JOBS, 10):
        claims = [a_claim(job_id, now=a_claim().now + SECOND) for job_id in ids[start : start + 10]]
        held = [claimed.record for claimed in bench.store.claim_many(claims)]
        assert all(bench.store.finish_many([a_finish(held=record) for record in held]))

    queue = 0.3  # sending, receiving and deleting, ten at a time
    assert bench.meter.requests == {"BatchExecuteStatement": JOBS / 25 + 2 * JOBS / 10}
    assert sum(bench.meter.requests.values()) / JOBS + queue <= REQUESTS


def test_write_units_of_a_job(make_metered: MakeMetered) -> None:
    plain, retried = make_metered(), make_metered()
    failed: set[str] = set()

    def fails_once(payload: Task) -> Done:
        if payload.text not in failed:
            failed.add(payload.text)
            raise ConnectionError
        return echo(payload)

    run(plain, echo, jobs=10)
    run(retried, fails_once, jobs=10)

    for bench in (plain, retried):
        assert len(bench.store.list(State.COMPLETED, job_type="task").records) == 10
    assert plain.meter.units / 10 <= WRITE_UNITS
    more = retried.meter.units - plain.meter.units
    assert more / 10 <= RETRY_UNITS_WITH_TRACEBACK


@pytest.mark.parametrize("keys", [("text",), ("text", "number")])
def test_each_search_key_costs_a_write_and_its_share_of_a_call(
    make_metered: MakeMetered, keys: tuple[str, ...]
) -> None:
    found_type = JobType(name="task", payload=Found)
    plain = make_metered(job_type=found_type)
    keyed = make_metered(job_type=replace(found_type, search_keys=keys))
    payloads = [Found(text=f"lamp {number}", number=number) for number in range(25)]

    for bench in (plain, keyed):
        bench.client.enqueue_many(bench.job_type, payloads)

    assert keyed.meter.units - plain.meter.units == 25 * len(keys)
    more = keyed.meter.requests - plain.meter.requests
    assert more == {"BatchExecuteStatement": len(keys)}
    search = Search(job_type="task", keys={"text": "lamp 7"})
    assert len(keyed.operator.search(search).rows) == 1


def test_tags_cost_no_write_more(make_metered: MakeMetered) -> None:
    plain, tagged = make_metered(), make_metered()

    plain.client.enqueue_many(TASK, [Task(text="x")] * 10)
    tagged.client.enqueue_many(TASK, [Task(text="x")] * 10, tags=("eu", "campaign:7"))

    assert (tagged.meter.units, tagged.meter.requests) == (plain.meter.units, plain.meter.requests)


def test_search_of_what_failed_reads_the_index_alone(make_metered: MakeMetered) -> None:
    bench = make_metered()
    bench.meter.is_pricing = False
    bench.store.put_many([a_record(f"job-{n}", state=State.FAILED) for n in range(200)])
    bench.meter.requests.clear()

    hits = bench.operator.search(FAILED, limit=100)

    assert len(hits.rows) == 100
    # One for each shard, and another for those that had more than their share.
    assert set(bench.meter.requests) == {"Query"}
    assert bench.meter.requests["Query"] <= 16


def test_lean_job_costs_a_record_at_its_claim_and_its_end(make_metered: MakeMetered) -> None:
    lean = replace(TASK, tracking=Tracking.LEAN)
    bench = make_metered(job_type=lean)

    run(bench, echo, jobs=JOBS)

    assert bench.meter.units / JOBS <= LEAN_WRITE_UNITS
    # Sent, received, claimed, ended and deleted, ten at a time: there is nothing left to leave out.
    assert sum(bench.requests().values()) / JOBS <= LEAN_REQUESTS


def test_untracked_job_costs_what_its_messages_cost(make_metered: MakeMetered) -> None:
    off = replace(TASK, tracking=Tracking.OFF, result=None)
    bench = make_metered(job_type=off)

    run(bench, lambda _payload: None, jobs=JOBS)

    assert (bench.meter.units, bench.meter.requests) == (0, {})
    assert sum(bench.requests().values()) / JOBS <= UNTRACKED_REQUESTS


def test_hundred_thousand_jobs_of_one_minute_are_sent_within_one_run(
    make_metered: MakeMetered,
) -> None:
    """Modelled: calls counted over 800 jobs, 8 ms each, eight at a time, half of what it may.

    The sweeper has 50 s a run for this, and three runs before the jobs are due.
    """
    bench = make_metered()
    bench.meter.is_pricing = False
    payloads = [Task(text=f"job {number}") for number in range(800)]
    bench.client.enqueue_many(TASK, payloads, delay=timedelta(hours=1))
    bench.clock.advance(timedelta(minutes=58))
    before = bench.requests()

    swept = bench.sweep()

    calls = sum((bench.requests() - before).values())
    assert swept.sent == len(payloads)
    assert calls / len(payloads) * 100_000 * timedelta(milliseconds=8) / 8 < timedelta(seconds=50)


def test_write_units_of_a_retry_whose_error_is_short(make_metered: MakeMetered) -> None:
    bench = make_metered()
    bench.store.put_many([a_record()])
    (first,) = bench.store.claim_many([a_claim(now=a_claim().now + SECOND)])
    before = bench.meter.units

    retry = a_finish(
        held=first.record,
        state=State.RETRYING,
        at=a_claim().now + 2 * SECOND,
        run_at=a_claim().now + 3 * SECOND,
        error=an_error(),
    )
    bench.store.finish_many([retry])
    bench.store.claim_many([a_claim(now=a_claim().now + 4 * SECOND, lease=a_lease("token-2"))])

    assert bench.meter.units - before <= RETRY_UNITS


@pytest.mark.parametrize(
    ("verdict", "claim", "cost"),
    [
        ("granted", a_claim(now=a_claim().now + SECOND), 1),
        ("early", a_claim("later", now=a_claim().now + SECOND), 1),
        ("missing", a_claim("nobody", now=a_claim().now + SECOND), 2),
    ],
)
def test_claim_in_a_batch_costs_a_unit_whatever_it_meets(
    make_metered: MakeMetered, verdict: str, claim: Any, cost: int
) -> None:
    bench = make_metered()
    later = a_record("later", state=State.SCHEDULED, run_at=claim.now + SECOND)
    bench.store.put_many([a_record(), later, a_record("other")])
    before = bench.meter.units
    other = a_claim("other", now=claim.now, lease=a_lease("token-2"))

    answers = bench.store.claim_many([claim, other])

    assert [answer.verdict.value for answer in answers] == [verdict, "granted"]
    assert bench.meter.units - before == cost + 1


@pytest.mark.parametrize(
    ("old", "new", "cost"),
    [
        ({}, {"x": "1"}, 1),
        ({"x": "1"}, {"x": "1" * 1_024}, 2),
        ({"x": "1" * 2_048}, {"x": "1"}, 3),
        ({"x": "1"}, {"x": "1", "due_shard": "1", "due_at": "1"}, 2),
        ({"due_shard": "1", "due_at": "1"}, {"due_shard": "1", "due_at": "2"}, 3),
        ({"due_shard": "1", "due_at": "1"}, {"due_shard": "1", "due_at": "1", "x": "1"}, 1),
        ({"due_shard": "1", "due_at": "1"}, {"state_key": "1", "state_at": "1"}, 3),
        ({"state_key": "1", "state_at": "1"}, {"state_key": "1", "state_at": "1", "x": "1"}, 1),
        ({"x": "1"}, {"state_key": "1", "state_at": "1", "reason": "1" * 1_024}, 4),
        (
            {"state_key": "1", "state_at": "1"},
            {"state_key": "1", "state_at": "1", "reason": "1"},
            2,
        ),
        ({"x": "1"}, {"x": "1"}, 0),
    ],
)
def test_meter_bills_as_dynamodb_does(old: dict[str, str], new: dict[str, str], cost: int) -> None:
    items = [{name: {"S": value} for name, value in item.items()} for item in (old, new)]

    assert price(*items) == cost
