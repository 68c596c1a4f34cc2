"""Waiting for an event: it is had once, whenever it comes, and nothing runs until then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.unit.execution.approving import EXPENSE, WEEK, Approval, Expense, Office
from workerless import JobType, State, Tracking
from workerless.errors import EnqueueRefusedError, JobNotFoundError, JobStateError, WorkerlessError
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

HOUR = timedelta(hours=1)
YES = Approval(by="grace")


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    with made.stage:
        yield made


def test_job_waits_parked_and_goes_on_once_the_event_comes(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.advance(3 * HOUR)
    waiting = job.status()
    in_queue = office.stage.doubles.queue.messages(
        office.stage.doubles.directory.find("expense").queue
    )

    job.send_event("approved", YES)
    office.stage.drain()

    assert (waiting.state, waiting.failed_reason, waiting.attempt) == (
        State.SCHEDULED,
        "event:approved",
        0,
    )
    assert in_queue == []
    done = job.status()
    assert (done.state, done.attempt) == (State.COMPLETED, 1)
    assert done.result is not None
    assert done.result.by == "grace"
    assert (office.asked, office.starts) == (1, 2)


def test_event_that_comes_before_the_job_waits_is_had_at_once(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense(), delay=HOUR)
    job.send_event("approved", YES)

    office.stage.run_all()

    assert job.status().state is State.COMPLETED
    assert office.starts == 1


def test_nobody_says_a_word_in_time_and_the_job_is_told_so(office: Office) -> None:
    began = office.stage.clock.now()
    job = office.stage.client.enqueue(EXPENSE, Expense())

    office.stage.run_all()

    done = job.status()
    assert done.result is not None
    assert done.result.by is None
    assert timedelta(0) <= office.stage.clock.now() - began - WEEK < timedelta(seconds=1)


def test_who_comes_too_late_is_told(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.advance(WEEK + HOUR)

    with pytest.raises(JobStateError, match="has waited for it until 2026-01-08"):
        job.send_event("approved", YES)


def fail_once(office: Office) -> None:
    if office.starts == 2:
        raise RuntimeError


def test_word_that_was_missed_stays_missed_for_the_next_attempt(office: Office) -> None:
    office.after = partial(fail_once, office)
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.advance(WEEK)
    failed = job.status()

    with pytest.raises(JobStateError, match="has waited for it until"):
        job.send_event("approved", YES)
    office.stage.run_all()

    assert failed.state is State.RETRYING
    done = job.status()
    assert done.result is not None
    assert done.result.by is None


def test_event_is_the_same_for_every_attempt_however_late_it_is(office: Office) -> None:
    office.after = partial(fail_once, office)
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.drain()
    job.send_event("approved", YES)
    office.stage.drain()
    office.stage.clock.advance(timedelta(days=365))  # its own item is long gone

    office.stage.run_all()

    done = job.status()
    assert done.result is not None
    assert done.result.by == "grace"
    assert office.starts == 3


def test_first_event_counts_and_the_same_again_is_no_other(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.drain()
    job.send_event("approved", YES)
    job.send_event("approved", {"by": "grace"})

    with pytest.raises(JobStateError, match=r"sent before, .* with other data"):
        job.send_event("approved", {"by": "mallory"})
    office.stage.drain()

    done = job.status()
    assert done.result is not None
    assert done.result.by == "grace"
    job.send_event("approved", YES)  # its answer was lost, and the job has ended meanwhile
    assert office.starts == 2


def test_event_that_does_not_fit_counts_for_nothing(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.drain()
    job.send_event("approved", {"who": "mallory"})
    office.stage.drain()
    still = job.status()

    job.send_event("approved", YES)
    office.stage.drain()

    assert still.failed_reason == "event:approved"
    done = job.status()
    assert done.result is not None
    assert done.result.by == "grace"
    (trouble,) = office.stage.doubles.telemetry.troubles
    assert "mallory" not in repr(trouble)


def test_other_events_do_not_wake_it(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.drain()

    job.send_event("rejected", {})
    office.stage.drain()

    assert (job.status().state, office.starts) == (State.SCHEDULED, 1)


def test_who_is_woken_too_early_waits_on_for_no_longer(office: Office) -> None:
    began = office.stage.clock.now()
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.advance(3 * HOUR)

    office.stage.client.promote(job.id)
    office.stage.run_all()

    assert office.starts == 3
    assert office.stage.clock.now() - began < WEEK + timedelta(seconds=1)


def test_waiting_job_is_called_off_at_once(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.stage.advance(HOUR)

    assert job.cancel()
    with pytest.raises(JobStateError, match="comes too late: the job is cancelled"):
        job.send_event("approved", YES)


def test_who_is_called_off_while_it_looks_does_not_begin_to_wait(office: Office) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())
    office.before = lambda: job.cancel("no budget")

    office.stage.drain()

    assert job.status().state is State.CANCELLED


def test_redriven_job_waits_anew(office: Office) -> None:
    def refuse() -> None:
        raise RuntimeError

    office.after = refuse
    job = office.stage.client.enqueue(EXPENSE, Expense(), attempts=1)
    office.stage.run_all()
    assert job.status().state is State.FAILED

    office.after = lambda: None
    office.redrive(job.id)
    office.stage.advance(HOUR)
    job.send_event("approved", YES)
    office.stage.drain()

    done = job.status()
    assert done.result is not None
    assert done.result.by == "grace"


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "é", "x" * 65, "\x00event"])
def test_name_is_checked_by_who_sends_and_who_waits(office: Office, name: str) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())

    with pytest.raises(EnqueueRefusedError, match="event's name must be 1 to 64"):
        job.send_event(name, YES)


@pytest.mark.parametrize("data", [{"by": "x" * 5_000}, {"by": {1, 2}}, {"by": float("nan")}])
def test_data_is_json_of_some_size(office: Office, data: dict[str, object]) -> None:
    job = office.stage.client.enqueue(EXPENSE, Expense())

    with pytest.raises(EnqueueRefusedError, match="an event's data must be") as refusal:
        job.send_event("approved", data)

    assert refusal.value.field == "data"


def test_job_that_is_not_there_gets_no_event(office: Office) -> None:
    with pytest.raises(JobNotFoundError, match="no record of job 'nobody'"):
        office.stage.client.job("nobody").send_event("approved", YES)


def test_untracked_job_cannot_wait() -> None:
    untracked = JobType(name="loose", payload=Expense, tracking=Tracking.OFF)

    def wait(_: Expense, job: JobContext) -> None:
        with pytest.raises(WorkerlessError, match="must have a record to be sent an event"):
            job.token("approved", expires_in=HOUR)
        with pytest.raises(WorkerlessError, match="must have a record to be sent an event"):
            job.wait_for("approved", Approval, timeout=HOUR)

    with InMemoryStage(worker(untracked)(wait)) as stage:
        stage.client.enqueue(untracked, Expense())
        assert stage.drain().completed == 1


def test_lean_job_may_wait() -> None:
    lean = JobType(name="lean", payload=Expense, tracking=Tracking.LEAN)

    def wait(_: Expense, job: JobContext) -> None:
        assert job.wait_for("approved", Approval, timeout=WEEK) == YES

    with InMemoryStage(worker(lean)(wait)) as stage:
        job = stage.client.enqueue(lean, Expense())
        stage.advance(HOUR)
        job.send_event("approved", YES)
        stage.drain()
        assert job.status().state is State.COMPLETED


@pytest.mark.parametrize("timeout", [timedelta(0), timedelta(days=3_651)])
def test_time_to_wait_is_bounded(office: Office, timeout: timedelta) -> None:
    office.timeout = timeout
    job = office.stage.client.enqueue(EXPENSE, Expense(), attempts=1)

    office.stage.run_all()

    assert "timeout must be above 0 s" in job.status().errors[0].message


@pytest.mark.parametrize("event", [YES, None])
def test_window_of_retries_begins_when_the_wait_is_over(event: Approval | None) -> None:
    hasty = replace(EXPENSE, retry_within=timedelta(minutes=1))
    office = Office(hasty)

    def fail_twice() -> None:
        if office.starts < 4:
            raise RuntimeError

    office.after = fail_twice
    with office.stage as stage:
        job = stage.client.enqueue(hasty, Expense())
        stage.advance(3 * HOUR)
        if event is not None:
            job.send_event("approved", event)
        stage.run_all()

        assert (job.status().state, office.starts) == (State.COMPLETED, 4)
