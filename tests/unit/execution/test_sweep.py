"""The sweeper: what it sends, what it leaves alone, and how seldom it looks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.morgue import Morgue
from workerless import Computed, Fixed, Snooze, State
from workerless.due import GRACE
from workerless.errors import EnqueueFailedError
from workerless.execution.context import JobContext
from workerless.ports import SendFailure

MINUTE = timedelta(minutes=1)


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def messages(bench: Bench) -> int:
    return len(bench.queue.messages(bench.address.queue))


@pytest.mark.parametrize(
    "delay", [timedelta(minutes=16), timedelta(hours=5), timedelta(days=30), timedelta(days=3650)]
)
def test_long_delay_is_parked_and_ends_to_the_second(bench: Bench, delay: timedelta) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(text="later"), delay=delay)
    assert messages(bench) == 0
    due = bench.clock.now() + delay

    bench.drain()

    status = job.status()
    assert status.state is State.COMPLETED
    assert status.started_at == due
    assert status.attempt == 1


def test_short_delay_is_left_to_sqs(bench: Bench) -> None:
    bench.handle(echo)
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(minutes=15))

    assert [one.delay for one in bench.queue.messages(bench.address.queue)] == [15 * MINUTE]
    bench.clock.advance(15 * MINUTE)
    assert bench.sweep().due == 0


def test_parked_job_is_sent_once_however_many_sweepers_run(bench: Bench) -> None:
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.clock.advance(timedelta(minutes=58))

    swept = [bench.sweep() for _ in range(3)]

    assert [one.sent for one in swept] == [1, 0, 0]
    (message,) = bench.queue.messages(bench.address.queue)
    assert message.delay == 2 * MINUTE


def test_long_backoff_and_long_snooze_hold_no_message(make_bench: Callable[..., Bench]) -> None:
    retry = Computed(function=lambda *_: timedelta(hours=7), attempts=2, cap=timedelta(days=1))
    bench = make_bench(job_type=replace(TASK, retry=retry))
    starts = []

    def perform(payload: Task, job: JobContext) -> Done:
        starts.append(job.clock.now())
        if len(starts) == 1:
            raise ConnectionError
        if len(starts) == 2:
            raise Snooze(timedelta(days=6))
        return Done(text=payload.text)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    assert bench.deliver() == []
    assert messages(bench) == 0
    bench.drain()

    assert [later - earlier for earlier, later in pairwise(starts)] == [
        timedelta(hours=7),
        timedelta(days=6),
    ]
    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 2)


def test_job_whose_message_was_never_sent_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.handle(echo)
    down = [SendFailure(code="ServiceUnavailable", message="")]
    monkeypatch.setattr(bench.queue, "send_many", lambda *_: down)
    with pytest.raises(EnqueueFailedError) as failed:
        bench.client.enqueue(bench.job_type, Task(text="stuck"))
    monkeypatch.undo()
    (job_id,) = failed.value.failures

    bench.drain()

    assert bench.record(job_id).state is State.COMPLETED
    assert bench.record(job_id).attempt == 1


def test_job_whose_message_is_gone_is_sent_again_within_minutes(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())
    enqueued = bench.clock.now()
    (record,) = bench.queue.deliver(bench.address.queue)
    bench.queue.acknowledge(bench.address.queue, record["receiptHandle"])  # a stale delete

    bench.drain()

    assert job.status().state is State.COMPLETED
    assert bench.clock.now() - enqueued <= 3 * MINUTE


def test_bare_job_is_sent_again_under_its_id(bench: Bench) -> None:
    def snoozes_once(payload: Task, job: JobContext) -> Done:
        if bench.clock.now() == started:
            raise Snooze(timedelta(hours=2))
        return Done(text=payload.text)

    started = bench.clock.now()
    bench.handle(snoozes_once)
    bench.send('{"text": "bare"}')

    bench.drain()

    (line,) = [one for one in bench.telemetry.transitions if one["event"] == "job.completed"]
    assert bench.record(str(line["job_id"])).result == '{"text":"bare"}'


def test_job_in_a_long_line_is_not_sent_again(bench: Bench) -> None:
    bench.client.enqueue_many(bench.job_type, [Task(text=str(number)) for number in range(20)])

    sent = 0
    for _ in range(60):
        bench.clock.advance(MINUTE)
        sent += bench.sweep().sent

    assert sent == 0
    assert messages(bench) == 20


def test_job_that_waits_for_hours_is_looked_at_ever_less_often(bench: Bench) -> None:
    bench.client.enqueue(bench.job_type, Task())

    looks = 0
    for _ in range(5 * 60):
        bench.clock.advance(MINUTE)
        looks += bench.sweep().due

    assert looks <= 10


def test_running_job_is_left_alone_and_a_dead_one_sent_before_its_visibility_ends(
    make_bench: Callable[..., Bench],
) -> None:
    slow = replace(TASK, timeout=5 * MINUTE, batch_size=1)
    bench = make_bench(job_type=slow)
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")
    began = bench.clock.now()
    morgue.invoke()
    morgue.telemetry.killers.clear()

    for _ in range(4):
        bench.clock.advance(MINUTE)
        assert bench.sweep().sent == 0
    bench.drain()

    # Its own message would have come back half an hour after it was received.
    assert job.status().state is State.COMPLETED
    assert slow.visibility_timeout > 30 * MINUTE
    assert (job.status().finished_at or began) - began < 8 * MINUTE


@pytest.mark.parametrize("delay", [timedelta(hours=2), timedelta(seconds=30)])
def test_rescheduled_job_runs_at_its_new_time_only(bench: Bench, delay: timedelta) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.clock.advance(10 * MINUTE)
    wanted = bench.clock.now() + delay

    bench.client.reschedule(job.id, delay)
    bench.drain()

    assert (job.status().started_at, job.status().attempt) == (wanted, 1)


def test_job_put_off_further_than_its_message_runs_once_at_the_later_time(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(), delay=MINUTE)
    wanted = bench.clock.now() + timedelta(hours=3)

    bench.client.reschedule(job.id, timedelta(hours=3))
    bench.drain()

    assert job.status().started_at == wanted
    assert bench.events().count("job.completed") == 1


def test_promoted_job_runs_at_once(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(days=1))

    bench.client.promote(job.id)

    assert bench.deliver() == []
    assert job.status().state is State.COMPLETED


def test_cancelled_parked_job_never_gets_a_message(bench: Bench) -> None:
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(days=1))
    job.cancel()

    bench.clock.advance(timedelta(days=2))

    assert bench.sweep().due == 0
    assert messages(bench) == 0


def test_retry_that_is_due_by_its_old_time_is_put_off_not_sent(
    make_bench: Callable[..., Bench],
) -> None:
    retry = Fixed(attempts=2, delay=10 * MINUTE)
    bench = make_bench(job_type=replace(TASK, retry=retry))

    def fails(payload: Task) -> Done:
        raise ConnectionError

    bench.handle(fails)
    job = bench.client.enqueue(bench.job_type, Task())
    bench.deliver()
    bench.clock.advance(2 * MINUTE)

    swept = [bench.sweep() for _ in range(2)]

    assert [(one.due, one.sent) for one in swept] == [(1, 0), (0, 0)]
    assert bench.record(job.id).state is State.RETRYING
    assert bench.next_due_at() == bench.record(job.id).run_at + GRACE
