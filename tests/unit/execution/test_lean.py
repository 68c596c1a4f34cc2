"""Lean tracking: the record is made by the first claim, or when the job is parked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.morgue import DeadlyTelemetry, ProcessDeath
from workerless import Discard, Fail, State, Tracking
from workerless.errors import JobNotFoundError
from workerless.execution.context import JobContext

LEAN = replace(TASK, tracking=Tracking.LEAN)
LONG = timedelta(hours=3)


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    made = make_bench(job_type=LEAN)
    made.handle(lambda payload: Done(text=payload.text))
    return made


def reasons(bench: Bench) -> list[str]:
    return [letter.attributes["reason"] for letter in bench.dead_letters()]


def test_job_is_unknown_until_it_starts_and_known_to_its_end(bench: Bench) -> None:
    job = bench.client.enqueue(LEAN, Task(text="x"), tenant="acme", correlation_id="c")
    with pytest.raises(JobNotFoundError, match="tracking of task is lean, so a job has none"):
        job.status()
    with pytest.raises(JobNotFoundError, match="tracking of task is lean"):
        job.cancel()
    with pytest.raises(JobNotFoundError):
        bench.client.reschedule(job.id, timedelta(0))

    bench.drain()

    status = job.status()
    assert (status.state, status.result, status.attempt) == (State.COMPLETED, Done(text="x"), 1)
    assert (status.tenant, status.correlation_id) == ("acme", "c")


def test_failed_attempts_retry_and_end_as_ever(bench: Bench) -> None:
    def raises(_payload: Task) -> Done:
        raise RuntimeError("no")

    bench.handle(raises)
    job = bench.client.enqueue(LEAN, Task())

    bench.deliver()
    assert job.status().state is State.RETRYING
    bench.drain()

    assert (job.status().failed_reason, job.status().attempt) == ("attempts_exhausted", 3)
    assert reasons(bench) == ["attempts_exhausted"]


def test_caller_lowers_the_attempts_by_message(bench: Bench) -> None:
    attempts: list[tuple[int, int]] = []

    def raises(_payload: Task, job: JobContext) -> Done:
        attempts.append((job.attempt, job.max_attempts))
        raise RuntimeError

    bench.handle(raises)
    bench.client.enqueue(LEAN, Task(), attempts=2)

    bench.drain()

    assert attempts == [(1, 2), (2, 2)]


def test_crash_is_found_out_by_its_lease(bench: Bench) -> None:
    telemetry = bench.telemetry = DeadlyTelemetry()
    job = bench.client.enqueue(LEAN, Task())
    telemetry.killers.add(job.id)

    with pytest.raises(ProcessDeath):
        bench.deliver(1)
    telemetry.killers.clear()
    bench.drain()

    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 2)


def test_same_id_twice_is_one_job(bench: Bench) -> None:
    runs: list[str] = []

    def once(payload: Task) -> Done:
        runs.append(payload.text)
        return Done(text=payload.text)

    bench.handle(once)
    jobs = [bench.client.enqueue(LEAN, Task(text="x"), idempotency_key="k") for _ in range(3)]

    bench.deliver(1)
    bench.drain()

    assert {job.id for job in jobs} == {jobs[0].id}
    assert [job.is_duplicate for job in jobs] == [False] * 3  # nobody could know
    assert runs == ["x"]
    assert bench.events().count("job.duplicate") == 2


def test_second_message_of_a_job_that_runs_is_no_second_job(bench: Bench) -> None:
    runs: list[str] = []

    def during(payload: Task) -> Done:
        runs.append(payload.text)
        bench.client.enqueue(LEAN, Task(text="x"), job_id="a")
        bench.deliver(1)
        return Done(text=payload.text)

    bench.handle(during)
    other = Bench(job_type=LEAN, clock=bench.clock)
    other.store, other.queue, other.tokens = bench.store, bench.queue, bench.tokens
    other.handle(during)
    bench.client.enqueue(LEAN, Task(text="x"), job_id="a")

    other.deliver(1)
    bench.drain()
    other.close()

    assert runs == ["x"]
    assert "job.deferred" in bench.events()


def test_other_payload_under_the_same_id_is_dead_lettered(bench: Bench) -> None:
    first = bench.client.enqueue(LEAN, Task(text="x"), job_id="a")
    bench.client.enqueue(LEAN, Task(text="y"), job_id="a")

    bench.drain()

    assert first.status().result == Done(text="x")
    assert reasons(bench) == ["id_taken"]


def test_parked_job_has_its_record_at_once(bench: Bench) -> None:
    job = bench.client.enqueue(LEAN, Task(text="x"), delay=LONG, idempotency_key="k")
    again = bench.client.enqueue(LEAN, Task(text="x"), delay=LONG, idempotency_key="k")
    assert bench.queue.messages(bench.address.queue) == []
    assert (job.status().state, again.is_duplicate) == (State.SCHEDULED, True)

    began = bench.clock.now()
    bench.drain()

    status = job.status()
    assert status.state is State.COMPLETED
    assert status.started_at is not None
    assert status.started_at - began >= LONG


def test_message_for_a_parked_job_does_not_wake_it(bench: Bench) -> None:
    job = bench.client.enqueue(LEAN, Task(text="x"), job_id="a", delay=LONG)
    bench.client.enqueue(LEAN, Task(text="x"), job_id="a")

    assert bench.deliver() == []

    assert (job.status().state, job.status().attempt) == (State.SCHEDULED, 0)


def test_parked_job_can_be_called_off(bench: Bench) -> None:
    job = bench.client.enqueue(LEAN, Task(), delay=LONG)

    job.cancel()

    bench.drain()
    assert job.status().state is State.CANCELLED


def test_only_what_ended_badly_is_listed(bench: Bench) -> None:
    def as_told(payload: Task) -> Done:
        match payload.text:
            case "discard":
                raise Discard("no")
            case "fail":
                raise Fail("no")
            case _:
                return Done(text=payload.text)

    bench.handle(as_told)
    bench.client.enqueue_many(LEAN, [Task(text=text) for text in ("", "discard", "fail")])
    parked = bench.client.enqueue(LEAN, Task(), delay=LONG)
    parked.cancel()

    bench.drain()

    listed = {state: len(bench.client.list("task", state).records) for state in State}
    assert {state: number for state, number in listed.items() if number} == {
        State.FAILED: 1,
        State.CANCELLED: 1,
    }


@pytest.mark.parametrize("body", ["not json", '{"text": 7}'])
def test_bad_message_is_dead_lettered(bench: Bench, body: str) -> None:
    bench.send(body)

    assert bench.deliver() == []

    assert len(reasons(bench)) == 1
    assert len(bench.client.list("task", State.FAILED).records) == 1
