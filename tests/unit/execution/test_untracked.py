"""Tracking off: no record, no store; the message and SQS' receives are all that is known."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Task
from tests.unit.execution.morgue import DeadlyTelemetry, ProcessDeath
from workerless import Discard, Fail, Hooks, Tracking
from workerless.due import SHARDS
from workerless.errors import WorkerlessError
from workerless.execution.context import JobContext
from workerless.execution.untracked import UntrackedStore
from workerless.message import Message
from workerless.states import State

OFF = replace(TASK, name="task", result=None, tracking=Tracking.OFF)


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(job_type=OFF)


def test_job_runs_and_leaves_nothing(bench: Bench) -> None:
    runs: list[tuple[str, int, int]] = []

    def notes(payload: Task, job: JobContext) -> None:
        runs.append((payload.text, job.attempt, job.max_attempts))

    bench.handle(notes)
    jobs = bench.client.enqueue_many(OFF, [Task(text="a"), Task(text="b")])

    assert bench.deliver() == []

    assert runs == [("a", 1, 3), ("b", 1, 3)]
    assert bench.queue.messages(bench.address.queue) == bench.dead_letters() == []
    assert bench.store.get_many([job.id for job in jobs]) == [None, None]
    assert bench.events() == ["job.started", "job.completed"] * 2


def test_failed_attempts_are_hidden_then_dead_lettered_with_their_reason(bench: Bench) -> None:
    told: list[str] = []
    hooks = Hooks(
        on_retry=lambda job, _error, _delay: told.append(f"retry {job.attempt}"),
        on_failed=lambda job, reason, _error: told.append(f"{reason} {job.attempt}"),
    )

    def never(payload: Task) -> None:
        raise ConnectionError(f"no {payload.text}")

    bench.handle(never, hooks=[hooks])
    job = bench.client.enqueue(OFF, Task(text="luck"))

    assert len(bench.deliver()) == 1
    again_at = bench.queue.next_visible_at(bench.address.queue)
    assert again_at is not None
    assert timedelta(seconds=8) <= again_at - bench.clock.now() <= timedelta(seconds=12)
    bench.drain()

    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "attempts_exhausted"
    assert letter.attributes["error_message"] == "no luck"
    assert (letter.attributes["attempts"], letter.attributes["job_id"]) == ("3", job.id)
    assert told == ["retry 1", "retry 2", "attempts_exhausted 3"]


@pytest.mark.parametrize(("wanted", "runs"), [(None, 3), (1, 1), (2, 2)])
def test_caller_lowers_the_attempts_by_message(bench: Bench, wanted: int | None, runs: int) -> None:
    attempts: list[tuple[int, int]] = []

    def raises(_payload: Task, job: JobContext) -> None:
        attempts.append((job.attempt, job.max_attempts))
        raise RuntimeError

    bench.handle(raises)
    bench.client.enqueue(OFF, Task(), attempts=wanted)

    bench.drain()

    assert attempts == [(number, runs) for number in range(1, runs + 1)]


def test_receives_spent_on_waiting_never_fail_a_job_that_has_not_run(bench: Bench) -> None:
    runs: list[int] = []
    bench.handle(lambda _payload: runs.append(1))
    bench.client.enqueue(OFF, Task(), attempts=1)

    for _ in range(5):  # no time for a job: it goes back at once
        bench.deliver(time_left=timedelta(seconds=1))
    bench.drain()

    assert runs == [1]
    assert bench.dead_letters() == []


def test_duplicate_delivery_runs_twice(bench: Bench) -> None:
    runs: list[str] = []
    bench.handle(lambda payload: runs.append(payload.text))
    job = bench.client.enqueue(OFF, Task(text="x"), job_id="a")
    bench.client.enqueue(OFF, Task(text="x"), job_id="a")

    bench.drain()

    assert (job.is_duplicate, runs) == (False, ["x", "x"])


def test_crash_loop_ends_by_the_fuse_and_keeps_its_message(bench: Bench) -> None:
    telemetry = bench.telemetry = DeadlyTelemetry()
    bench.handle(lambda _payload: None)
    job = bench.client.enqueue(OFF, Task())
    telemetry.killers.add(job.id)

    for _ in range(OFF.max_receive_count):
        with pytest.raises(ProcessDeath):
            bench.deliver()
        bench.clock.advance(OFF.visibility_timeout)
    assert bench.deliver() == []

    attempts = telemetry.starts(job.id)
    assert attempts == [1, 2, 3] + [3] * 10
    assert OFF.max_receive_count == len(attempts) == 13
    (letter,) = bench.dead_letters()
    assert json.loads(letter.body)["id"] == job.id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json", "not_json"),
        ("[1]", "not_an_object"),
        ('{"text": 7}', "invalid_payload"),
        ('{"specversion": "1.0", "id": "a", "type": "other", "data": {}}', "wrong_queue"),
        (
            '{"specversion": "1.0", "id": "a", "type": "task", "attempts": 0, "data": {}}',
            "invalid_envelope",
        ),
    ],
)
def test_bad_message_is_dead_lettered_untouched(bench: Bench, body: str, reason: str) -> None:
    bench.handle(lambda _payload: None)
    bench.send(body)

    assert bench.deliver() == []

    (letter,) = bench.dead_letters()
    assert (letter.body, letter.attributes["reason"]) == (body, reason)


@pytest.mark.parametrize(("signal", "reasons"), [(Discard("no"), []), (Fail("no"), ["rejected"])])
def test_signal_ends_the_job_at_once(bench: Bench, signal: Exception, reasons: list[str]) -> None:
    def signals(_payload: Task) -> None:
        raise signal

    bench.handle(signals)
    bench.client.enqueue(OFF, Task())

    assert bench.deliver() == []

    assert [letter.attributes["reason"] for letter in bench.dead_letters()] == reasons


def test_job_sent_while_it_still_had_a_record_runs_all_the_same(bench: Bench) -> None:
    runs: list[str] = []
    bench.handle(lambda payload: runs.append(payload.text))
    bench.send(Message(job_id="old", job_type="task", data={"text": "x"}, generation=1).body())

    assert bench.deliver() == []

    assert runs == ["x"]


def test_job_type_without_dead_letters_leaves_nothing_of_a_failed_job(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(job_type=replace(OFF, dead_letter=False))

    def fails(_payload: Task) -> None:
        raise Fail("no")

    bench.handle(fails)
    bench.client.enqueue(OFF, Task())

    assert bench.deliver() == []

    assert bench.queue.messages(bench.address.queue) == bench.dead_letters() == []


def test_progress_is_checked_and_kept_nowhere(bench: Bench) -> None:
    def tells(payload: Task, job: JobContext) -> None:
        job.progress(50, "halfway")
        if payload.text:
            job.progress(101)

    bench.handle(tells)
    bench.client.enqueue_many(OFF, [Task(), Task(text="too much")], attempts=1)

    bench.drain()

    (letter,) = bench.dead_letters()
    assert letter.attributes["error_type"] == "ValueError"


@pytest.mark.parametrize("is_async", [False, True])
def test_step_is_refused_before_it_is_begun(bench: Bench, *, is_async: bool) -> None:
    steps: list[int] = []

    async def step() -> None:
        steps.append(1)

    def once(_payload: Task, job: JobContext) -> None:
        job.once("charge", lambda: steps.append(1))

    async def once_async(_payload: Task, job: JobContext) -> None:
        await job.once_async("charge", step)

    bench.handle(once_async if is_async else once)
    bench.client.enqueue(OFF, Task(), attempts=1)

    bench.drain()

    (letter,) = bench.dead_letters()
    assert letter.attributes["error_type"] == "WorkerlessError"
    assert "tracking of this job type is off" in letter.attributes["error_message"]
    assert steps == []


def test_store_without_records_takes_no_steps(bench: Bench) -> None:
    with pytest.raises(WorkerlessError, match="steps of job 'a' cannot be kept"):
        UntrackedStore().remember("a", "token", {}, bench.clock.now())


def test_store_of_the_stage_is_never_asked(bench: Bench) -> None:
    def raises(_payload: Task) -> None:
        raise RuntimeError

    bench.handle(raises)
    bench.client.enqueue(OFF, Task())

    bench.drain()

    far = bench.clock.now() + timedelta(days=4000)
    assert [bench.store.due(shard, before=far, limit=9) for shard in range(SHARDS)] == [[]] * SHARDS
    pages = [bench.store.list(state, job_type="task").records for state in State]
    assert pages == [()] * len(State)
