"""Jobs that end before they begin, or because somebody called them off while they ran."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from workerless import Fail, JobCancelled, JobType, Payload, Snooze, State, Tracking
from workerless.errors import EnqueueRefusedError, StoreUnavailableError
from workerless.execution.context import JobContext
from workerless.ports import Outgoing
from workerless.redrive import Redrive
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Task(Payload):
    """Something to do."""

    text: str = ""


class Desk:
    """A job type, a handler for it, and what was begun."""

    def __init__(self, perform: Callable[..., None] | None = None, **fields: Any) -> None:
        self.type: JobType[Task] = JobType(name="task", payload=Task, **fields)
        self.begun: list[str] = []
        self._perform = perform
        self.stage = InMemoryStage(worker(self.type)(self._begin))

    def _begin(self, payload: Task, job: JobContext) -> None:
        self.begun.append(payload.text)
        if self._perform is not None:
            self._perform(job, self)

    def enqueue(self, text: str = "a", **options: Any) -> Any:
        return self.stage.client.enqueue(self.type, Task(text=text), **options)

    def wait(self, minutes: float) -> None:
        """Let time pass in which no worker comes."""
        self.stage.clock.advance(MINUTE * minutes)


@pytest.mark.parametrize("tracking", Tracking)
def test_job_that_comes_too_late_never_begins(tracking: Tracking) -> None:
    desk = Desk(tracking=tracking)
    job = desk.enqueue(expires_in=5 * MINUTE)
    desk.enqueue("b", expires_in=6 * MINUTE)

    desk.wait(5)
    desk.stage.drain()

    assert desk.begun == ["b"]
    told = desk.stage.telemetry.transitions
    assert [one["reason"] for one in told if one["event"] == "job.cancelled"] == ["expired"]
    if tracking is not Tracking.OFF:
        status = job.status()
        assert (status.state, status.failed_reason) == (State.CANCELLED, "expired")
        assert (status.attempt, status.started_at) == (0, None)


def test_job_type_says_for_all_and_its_caller_for_one() -> None:
    desk = Desk(expires_in=5 * MINUTE)
    desk.enqueue("short")
    desk.enqueue("long", expires_in=DAY)

    desk.wait(60)
    desk.stage.drain()

    assert desk.begun == ["long"]


def test_message_of_another_program_expires_as_it_says_or_as_the_job_type_does() -> None:
    desk = Desk(expires_in=5 * MINUTE)
    soon = (desk.stage.clock.now() + MINUTE).isoformat().replace("+00:00", "Z")
    for told in (
        "",
        f'"specversion":"1.0","id":"i","source":"s","type":"task","expirytime":"{soon}",',
    ):
        body = f'{{{told}"data":{{"text":"x"}}}}' if told else '{"text":"y"}'
        desk.stage.doubles.queue.send_many(
            desk.stage.doubles.directory.find("task").queue, [Outgoing(body=body)]
        )

    desk.wait(2)
    desk.stage.drain()

    assert desk.begun == ["y"]


def test_job_that_has_begun_is_retried_as_late_as_it_likes() -> None:
    def fail_once(_job: JobContext, desk: Desk) -> None:
        if len(desk.begun) == 1:
            raise RuntimeError

    desk = Desk(fail_once)
    job = desk.enqueue(expires_in=MINUTE)
    desk.stage.drain()

    desk.wait(60)
    desk.stage.run_all()

    assert desk.begun == ["a", "a"]
    assert job.status().state is State.COMPLETED


def test_snoozed_job_has_begun() -> None:
    def snooze_once(_job: JobContext, desk: Desk) -> None:
        if len(desk.begun) == 1:
            raise Snooze(DAY)

    desk = Desk(snooze_once)
    job = desk.enqueue(expires_in=MINUTE)

    desk.stage.run_all()

    assert job.status().state is State.COMPLETED


def test_sweeper_ends_what_no_worker_takes() -> None:
    desk = Desk()
    job = desk.enqueue(expires_in=MINUTE)
    queue = desk.stage.doubles.directory.find("task").queue
    desk.stage.doubles.queue.purge(queue)

    desk.stage.advance(5 * MINUTE)

    assert job.status().failed_reason == "expired"
    assert desk.begun == []


@pytest.mark.parametrize("expires_in", [timedelta(0), MINUTE, timedelta(days=4_000)])
def test_job_that_could_never_begin_is_refused(expires_in: timedelta) -> None:
    with pytest.raises(EnqueueRefusedError, match="expires_in must be above the delay"):
        Desk().enqueue(delay=MINUTE, expires_in=expires_in)


def test_redrive_lifts_the_limit() -> None:
    def fail_once(_job: JobContext, desk: Desk) -> None:
        if len(desk.begun) == 1:
            raise Fail("not yet")

    desk = Desk(fail_once)
    job = desk.enqueue(expires_in=MINUTE)
    desk.stage.run_all()
    (failed,) = desk.stage.doubles.store.get_many([job.id])
    assert failed
    desk.wait(60)
    now = desk.stage.clock.now()

    desk.stage.doubles.store.redrive_many([Redrive(seen=failed, by="me", at=now, run_at=now)])
    desk.stage.run_all()

    assert job.status().state is State.COMPLETED


def test_rescheduled_job_may_begin_after_all() -> None:
    desk = Desk()
    job = desk.enqueue(expires_in=MINUTE)

    desk.stage.client.reschedule(job.id, DAY)
    desk.stage.run_all()

    assert desk.begun == ["a"]


@pytest.mark.parametrize("heed", ["raise_if_cancelled", "progress", "once", "cancelled"])
def test_running_job_heeds_that_it_was_called_off(heed: str) -> None:
    def work(job: JobContext, desk: Desk) -> None:
        handle = desk.stage.client.job(job.job_id)
        assert not handle.cancel("no use")
        assert handle.status().is_cancelling
        desk.wait(0.1)
        match heed:
            case "raise_if_cancelled":
                job.raise_if_cancelled()
            case "progress":
                job.progress(50)
            case "once":
                job.once("step", lambda: desk.begun.append("step"))
            case _:
                assert job.cancelled
                raise RuntimeError
        desk.begun.append("went on")

    desk = Desk(work)
    job = desk.enqueue()

    desk.stage.run_all()

    status = job.status()
    assert desk.begun == ["a"]
    assert (status.state, status.failed_reason) == (State.CANCELLED, "no use")
    assert (status.attempt, status.is_cancelling) == (1, False)


def test_job_that_finishes_anyway_is_completed() -> None:
    def work(job: JobContext, desk: Desk) -> None:
        desk.stage.client.job(job.job_id).cancel()

    desk = Desk(work)
    job = desk.enqueue()

    desk.stage.run_all()

    assert job.status().state is State.COMPLETED


def test_job_that_fails_unaware_is_cancelled_instead_of_retried() -> None:
    def work(job: JobContext, desk: Desk) -> None:
        desk.stage.client.job(job.job_id).cancel("no use")
        raise RuntimeError

    desk = Desk(work)
    job = desk.enqueue()

    desk.stage.run_all()

    status = job.status()
    assert desk.begun == ["a"]
    assert (status.state, status.failed_reason, status.attempt) == (State.CANCELLED, "no use", 1)


def test_nobody_is_asked_more_often_than_every_five_seconds() -> None:
    looks: list[int] = []

    def work(job: JobContext, desk: Desk) -> None:
        def look() -> None:
            looks.append(1)

        job.ask_why_cancelled = look
        for _ in range(20):
            assert not job.cancelled
            job.progress(10)
            desk.wait(1 / 60)

    desk = Desk(work)
    desk.enqueue()
    desk.stage.drain()

    assert len(looks) == 4


def test_store_that_is_silent_calls_nobody_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(job: JobContext, desk: Desk) -> None:
        def silent(*_: object) -> None:
            raise StoreUnavailableError("no answer")

        monkeypatch.setattr(desk.stage.doubles.store, "why_cancelled", silent)
        assert not job.cancelled

    desk = Desk(work)
    job = desk.enqueue()

    desk.stage.run_all()

    assert job.status().state is State.COMPLETED


def test_signal_passes_through_what_catches_exceptions() -> None:
    assert not issubclass(JobCancelled, Exception)
