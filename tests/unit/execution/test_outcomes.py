"""Each outcome: what the record says, and what becomes of the message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import Discard, Fail, RetryAfter, Snooze, State
from workerless.execution.context import JobContext
from workerless.fingerprint import fingerprint


def returns(payload: Task) -> Done:
    return Done(text=payload.text.upper())


def test_completed_job_keeps_its_result_and_its_message_is_acknowledged(bench: Bench) -> None:
    bench.handle(returns)
    job = bench.client.enqueue(bench.job_type, Task(text="hello"))

    kept = bench.deliver()

    assert kept == []
    assert job.status().state is State.COMPLETED
    assert job.status().result == Done(text="HELLO")
    assert bench.events() == ["job.started", "job.completed"]


def test_failed_attempt_is_hidden_for_its_backoff_and_repeated(bench: Bench) -> None:
    starts: list[int] = []

    def second_time_lucky(payload: Task, job: JobContext) -> Done:
        starts.append(job.attempt)
        if job.attempt == 1:
            raise ConnectionError("not now")
        return Done(text=payload.text)

    bench.handle(second_time_lucky)
    job = bench.client.enqueue(bench.job_type, Task())
    first = bench.clock.now()

    kept = bench.deliver()

    status = job.status()
    assert len(kept) == 1
    assert status.state is State.RETRYING
    assert timedelta(seconds=8) <= status.run_at - first <= timedelta(seconds=12)
    assert [error.error_type for error in status.errors] == ["ConnectionError"]
    bench.drain()
    assert starts == [1, 2]
    assert job.status().state is State.COMPLETED


def test_last_failed_attempt_leads_to_the_dead_letter_queue_with_its_reason(bench: Bench) -> None:
    def never(payload: Task) -> Done:
        raise ConnectionError(f"no {payload.text}")

    bench.handle(never)
    job = bench.client.enqueue(bench.job_type, Task(text="luck"), correlation_id="request-1")
    body = bench.queue.messages(bench.address.queue)[0].body

    bench.drain()

    (letter,) = bench.dead_letters()
    status = job.status()
    assert (status.state, status.attempt) == (State.FAILED, 3)
    assert status.failed_reason == "attempts_exhausted"
    assert len(status.errors) == 3
    assert letter.body == body
    assert letter.attributes["reason"] == "attempts_exhausted"
    assert letter.attributes["error_type"] == "ConnectionError"
    assert "error_message" not in letter.attributes
    assert status.errors[-1].message == "no luck"
    assert letter.attributes["fingerprint"] == fingerprint(status.errors[-1], None)
    assert letter.attributes["attempts"] == "3"
    assert letter.attributes["job_id"] == job.id


@pytest.mark.parametrize(
    ("signal", "state", "reason", "letters"),
    [
        (Discard("not wanted"), State.DISCARDED, "not wanted", 0),
        (Fail("no such address"), State.FAILED, "rejected", 1),
    ],
)
def test_signal_ends_the_job_at_once(
    bench: Bench, signal: Exception, state: State, reason: str, letters: int
) -> None:
    def signals(_payload: Task) -> Done:
        raise signal

    bench.handle(signals)
    job = bench.client.enqueue(bench.job_type, Task())

    assert bench.deliver() == []

    status = job.status()
    assert (status.state, status.failed_reason, status.attempt) == (state, reason, 1)
    assert len(bench.dead_letters()) == letters


def test_snooze_spends_no_attempt_however_often(bench: Bench) -> None:
    runs: list[int] = []

    def ready_at_last(payload: Task, job: JobContext) -> Done:
        runs.append(job.attempt)
        if len(runs) < 50:
            raise Snooze(timedelta(hours=1))
        return Done(text=payload.text)

    bench.handle(ready_at_last)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    # Fifty receives are far past the fuse, and two days of the four a message lives.
    assert set(runs) == {1}
    assert job.status().state is State.COMPLETED
    assert bench.dead_letters() == []


def test_waiting_past_the_retention_of_the_queue_loses_nothing(bench: Bench) -> None:
    started = bench.clock.now()

    def ready_next_week(payload: Task, job: JobContext) -> Done:
        if job.clock.now() < started + timedelta(days=7):
            raise Snooze(timedelta(hours=12))
        return Done(text=payload.text)

    bench.handle(ready_next_week)
    bench.send('{"text": "bare"}')
    (message_id,) = [r["messageId"] for r in bench.queue.deliver(bench.address.queue)]

    bench.drain()

    assert bench.record(message_id).state is State.COMPLETED
    assert bench.clock.now() >= started + timedelta(days=7)


def test_retry_after_is_waited_for_in_full_and_spends_an_attempt(bench: Bench) -> None:
    def refused(_payload: Task) -> Done:
        raise RetryAfter(timedelta(minutes=42), "busy")

    bench.handle(refused)
    job = bench.client.enqueue(bench.job_type, Task())
    first = bench.clock.now()

    bench.deliver()

    assert job.status().run_at == first + timedelta(minutes=42)
    assert job.status().attempt == 1
    bench.drain()
    assert job.status().failed_reason == "attempts_exhausted"


@pytest.mark.parametrize("value", [None, "text", {"text": "a dictionary"}, Task(text="other")])
def test_result_of_another_type_fails_the_job_without_repeating_its_work(
    bench: Bench, value: Any
) -> None:
    runs: list[Any] = []

    def wrong(_payload: Task) -> Any:
        runs.append(value)
        return value

    bench.handle(wrong)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    assert len(runs) == 1
    assert job.status().failed_reason == "invalid_result"
    assert "must return Done" in job.status().errors[0].message


def test_too_large_a_result_fails_the_job(bench: Bench) -> None:
    bench.handle(lambda _payload: Done(text="x" * 10_485_760))
    job = bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    assert job.status().failed_reason == "invalid_result"
    assert "10485760" in job.status().errors[0].message


def test_result_may_hold_any_text(bench: Bench) -> None:
    text = "\x00 \x1b[31m ünïcödé \ud800 \U0001f600"
    bench.handle(lambda _payload: Done.model_construct(text=text))
    job = bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    assert bench.record(job.id).state is State.COMPLETED


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), MemoryError(), BaseException("plain")],
)
def test_whatever_a_handler_raises_is_a_failed_attempt(bench: Bench, error: BaseException) -> None:
    def raises(_payload: Task) -> Done:
        raise error

    bench.handle(raises)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert job.status().state is State.RETRYING
    assert job.status().errors[0].error_type == type(error).__name__


def test_endless_recursion_is_a_failed_attempt(bench: Bench) -> None:
    def recurses(payload: Task) -> Done:
        return recurses(payload)

    bench.handle(recurses)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    (error,) = job.status().errors
    assert error.error_type == "RecursionError"
    assert len(error.traceback) <= 2_000


def test_error_text_that_is_no_valid_text_is_kept_readable(bench: Bench) -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not even this")

    def raises(payload: Task) -> Done:
        raise Unprintable if payload.text else ValueError("lone \ud800 and \x00 control")

    bench.handle(raises)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(), Task(text="x")])

    bench.drain()

    messages = [job.status().errors[-1].message for job in jobs]
    assert messages == ["lone \\ud800 and \x00 control", "(its message could not be shown)"]
    for letter in bench.dead_letters():
        "".join(letter.attributes.values()).encode()


def test_error_that_a_job_type_gives_up_on_is_not_retried(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(job_type=replace(TASK, give_up_on=(LookupError,)))

    def raises(_payload: Task) -> Done:
        raise KeyError("gone")

    bench.handle(raises)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert job.status().failed_reason == "gave_up"


def test_job_type_without_dead_letters_keeps_only_the_record(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(job_type=replace(TASK, dead_letter=False))

    def rejects(_payload: Task) -> Done:
        raise Fail("no")

    bench.handle(rejects)
    job = bench.client.enqueue(bench.job_type, Task())

    assert bench.deliver() == []

    assert job.status().state is State.FAILED
    assert bench.dead_letters() == []
