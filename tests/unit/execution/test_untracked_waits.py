"""Tracking off: how long a job may wait when nothing but its message holds it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Bench, Task
from tests.unit.execution.test_untracked import OFF
from workerless import RetryAfter, Snooze
from workerless.execution.context import JobContext
from workerless.ports import Outgoing

HOUR = timedelta(hours=1)


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(job_type=OFF)


def waits(bench: Bench) -> timedelta:
    """Until the next message can be received."""
    at = bench.queue.next_visible_at(bench.address.queue)
    assert at is not None
    return at - bench.clock.now()


@pytest.mark.parametrize("signal", [Snooze, RetryAfter])
@pytest.mark.parametrize("hours", [0.1, 1, 11])
def test_wait_asked_for_is_hidden_in_full(bench: Bench, signal: Any, hours: float) -> None:
    def waits_first(_payload: Task, job: JobContext) -> None:
        if job.attempt == 1:
            raise signal(hours * HOUR)

    bench.handle(waits_first)
    bench.client.enqueue(OFF, Task())

    assert len(bench.deliver()) == 1
    assert waits(bench) == hours * HOUR

    bench.drain()
    assert bench.dead_letters() == bench.queue.messages(bench.address.queue) == []


@pytest.mark.parametrize("signal", [Snooze, RetryAfter])
def test_wait_that_no_message_can_make_fails_with_its_own_reason(bench: Bench, signal: Any) -> None:
    def waits_too_long(_payload: Task) -> None:
        raise signal(11 * HOUR + timedelta(seconds=1))

    bench.handle(waits_too_long)
    bench.client.enqueue(OFF, Task())

    assert bench.deliver() == []

    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == ["wait_too_long"]


def test_message_worn_out_by_waiting_is_replaced_and_remembers_its_attempts(bench: Bench) -> None:
    runs: list[tuple[int, int]] = []

    def ready_at_last(_payload: Task, job: JobContext) -> None:
        runs.append((job.attempt, job.max_attempts))
        if len(runs) < 40:
            raise Snooze(timedelta(minutes=1))

    bench.handle(ready_at_last)
    bench.client.enqueue(OFF, Task(), job_id="patient")

    bench.drain()

    assert len(runs) == 40
    assert bench.dead_letters() == []
    assert runs[0] == (1, 3)
    assert runs[-1] == (1, 1)  # the first message spent all but one


def test_later_version_waits_as_long_as_its_message_does(bench: Bench) -> None:
    runs: list[str] = []
    bench.handle(lambda payload: runs.append(payload.text))
    bench.send(
        '{"specversion": "1.0", "id": "a", "type": "task", "data": {"text": 7},'
        ' "dataschema": "urn:workerless:task:2"}'
    )

    bench.drain()

    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == ["newer_version"]
    assert bench.events().count("job.deferred") == OFF.max_receive_count - 5
    assert runs == []


def test_job_that_was_refused_for_lack_of_time_gets_no_attempt_back(bench: Bench) -> None:
    """Its worn message is replaced before anything is claimed."""
    runs: list[int] = []

    def fails(_payload: Task, job: JobContext) -> None:
        runs.append(job.max_attempts)
        raise ConnectionError

    bench.handle(fails)
    bench.client.enqueue(OFF, Task())
    bench.deliver()
    for _ in range(OFF.max_receive_count):
        bench.clock.advance(timedelta(minutes=10))
        bench.deliver(time_left=timedelta(seconds=1))

    bench.drain()

    assert runs == [3, 1]


def test_fresh_message_says_how_often_the_sweeper_sent_its_job_back(bench: Bench) -> None:
    body = '{"specversion": "1.0", "id": "a", "type": "task", "data": {}}'
    returned = Outgoing(body=body, attributes={"returned": "2"})
    bench.handle(lambda _payload: None)
    bench.queue.send_many(bench.address.queue, [returned])

    for _ in range(OFF.max_receive_count):
        bench.clock.advance(timedelta(minutes=10))
        bench.deliver(time_left=timedelta(seconds=1))

    (message,) = bench.queue.messages(bench.address.queue)
    assert '"attempts":1' in message.body
    assert message.attributes == {"returned": "2"}
