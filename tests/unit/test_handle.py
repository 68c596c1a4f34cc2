"""handle: where a job is, waiting for it on a virtual clock, and calling it off."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from workerless.errors import JobNotFoundError, JobStateError, WaitTimeoutError, WorkerlessError
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.record import Progress
from workerless.states import TERMINAL, WAITING, State
from workerless.testing.memory import FakeClock, InMemoryBlobs, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_record, an_error

SECOND = timedelta(seconds=1)
BODY = '{"specversion":"1.0","type":"send_email","id":"job-1","generation":1,"data":{"to":"Ada"}}'


class SendEmail(Payload):
    """An email."""

    to: str


class Sent(Result):
    message_id: str


class Spelled(Result):
    message_id: str = Field(alias="messageId")


send_email = JobType(
    name="send_email", payload=SendEmail, result=Sent, completed_retention=timedelta(hours=2)
)


class LivelyClock(FakeClock):
    """A clock on which something happens: ``event`` after ``sleeps_before`` sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.event: Callable[[], None] = lambda: None
        self.sleeps_before = 0

    def sleep(self, duration: timedelta) -> None:
        super().sleep(duration)
        if len(self.sleeps) == self.sleeps_before:
            self.event()


@pytest.fixture
def clock() -> LivelyClock:
    return LivelyClock()


@pytest.fixture
def store(clock: LivelyClock) -> InMemoryStore:
    return InMemoryStore(clock)


@pytest.fixture
def job(store: InMemoryStore, clock: LivelyClock) -> Job[Sent]:
    return handle(store, clock, send_email)


def handle(
    store: InMemoryStore, clock: FakeClock, job_type: Any = None, job_id: str = "job-1"
) -> Job[Any]:
    return Job(id=job_id, store=store, blobs=InMemoryBlobs(clock), clock=clock, job_type=job_type)


@pytest.fixture
def ended(store: InMemoryStore) -> Callable[[], None]:
    """Runs the job to its end."""

    def run() -> None:
        if store.get_many(["job-1"]) == [None]:
            store.put_many([a_record(body=BODY)])
        store.claim_many([a_claim()])
        store.finish_many([a_finish(result='{"message_id":"m-1"}')])

    return run


def put(store: InMemoryStore, **changes: Any) -> None:
    store.put_many([a_record(**{"body": BODY, **changes})])


def test_status_tells_what_the_record_holds(store: InMemoryStore, job: Job[Sent]) -> None:
    put(store, tenant="acme", correlation_id="c")
    store.claim_many([a_claim()])
    store.progress("job-1", "token-1", Progress(percent=40, step="render"), a_claim().now)

    status = job.status()

    assert (status.id, status.type, status.state) == ("job-1", "send_email", State.PROCESSING)
    assert (status.attempt, status.max_attempts) == (1, 3)
    assert (status.progress, status.data) == (Progress(percent=40, step="render"), {"to": "Ada"})
    assert (status.tenant, status.correlation_id) == ("acme", "c")
    assert (status.result, status.failed_reason, status.finished_at) == (None, None, None)


def test_failed_job_tells_why(store: InMemoryStore, job: Job[Sent]) -> None:
    put(store)
    store.claim_many([a_claim()])
    store.finish_many([a_finish(state=State.FAILED, reason="gave_up", error=an_error())])

    status = job.status()

    assert (status.state, status.failed_reason) == (State.FAILED, "gave_up")
    assert status.errors == (an_error(),)
    assert status.finished_at


def test_result_is_the_job_type_s_model(job: Job[Sent], ended: Callable[[], None]) -> None:
    ended()

    assert job.status().result == Sent(message_id="m-1")


def test_result_of_a_newer_worker_is_read_without_what_it_added(
    store: InMemoryStore, job: Job[Sent]
) -> None:
    put(store, state=State.COMPLETED, result='{"message_id":"m-1","region":"eu"}')

    assert job.status().result == Sent(message_id="m-1")


def test_result_field_with_an_alias_is_read_under_it(
    store: InMemoryStore, clock: LivelyClock
) -> None:
    put(store, state=State.COMPLETED, result='{"messageId":"m-1"}')
    spelled = JobType(name="send_email", payload=SendEmail, result=Spelled)

    status = handle(store, clock, spelled).status()

    assert status.result == Spelled(messageId="m-1")


def test_result_that_the_present_model_cannot_read_says_so(
    store: InMemoryStore, job: Job[Sent]
) -> None:
    put(store, state=State.COMPLETED, result='{"receipt":"r"}')

    with pytest.raises(WorkerlessError, match=r"is not a Sent any more: 1 fields do not fit"):
        job.status()


def test_result_without_the_job_type_at_hand_is_plain_data(
    store: InMemoryStore, clock: LivelyClock, ended: Callable[[], None]
) -> None:
    ended()

    status = handle(store, clock).status()

    assert status.result == {"message_id": "m-1"}


def test_unreadable_message_leaves_its_data_unknown(store: InMemoryStore, job: Job[Sent]) -> None:
    put(store, body="not JSON")

    assert job.status().data is None


@pytest.mark.parametrize("job_id", ["job-2", "", "a b", "\ud800"])
def test_unknown_job_is_not_found_whatever_its_id(
    store: InMemoryStore, clock: LivelyClock, job_id: str
) -> None:
    stranger = handle(store, clock, job_id=job_id)

    with pytest.raises(JobNotFoundError, match="no job has the id"):
        stranger.status()
    with pytest.raises(JobNotFoundError):
        stranger.cancel()


def test_waiting_for_a_job_that_has_ended_takes_no_time(
    job: Job[Sent], clock: LivelyClock, ended: Callable[[], None]
) -> None:
    ended()

    assert job.wait(timedelta(0)).state is State.COMPLETED
    assert clock.sleeps == []


def test_waiting_returns_once_the_job_has_ended(
    store: InMemoryStore, job: Job[Sent], clock: LivelyClock, ended: Callable[[], None]
) -> None:
    put(store)
    clock.event, clock.sleeps_before = ended, 4

    status = job.wait()

    assert status.result == Sent(message_id="m-1")
    assert len(clock.sleeps) == 4


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_waiting_ends_however_the_job_does(
    store: InMemoryStore, job: Job[Sent], state: State
) -> None:
    put(store, state=state)

    assert job.wait().state is state


def test_waiting_for_a_job_without_a_record_is_patient(
    job: Job[Sent], clock: LivelyClock, ended: Callable[[], None]
) -> None:
    clock.event, clock.sleeps_before = ended, 3

    assert job.wait().state is State.COMPLETED


def test_waiting_asks_less_and_less_often_and_never_later_than_its_end(
    store: InMemoryStore, job: Job[Sent], clock: LivelyClock
) -> None:
    put(store)
    started = clock.now()

    with pytest.raises(WaitTimeoutError, match="job 'job-1' is pending after 0:00:30; it goes on"):
        job.wait(SECOND * 30)

    assert clock.now() - started == SECOND * 30
    assert clock.sleeps[0] == timedelta(milliseconds=100)
    assert clock.sleeps[:-1] == sorted(clock.sleeps[:-1])
    assert max(clock.sleeps) == SECOND * 2


@pytest.mark.parametrize("timeout", [timedelta(0), -SECOND])
def test_waiting_without_patience_asks_once(
    job: Job[Sent], clock: LivelyClock, timeout: timedelta
) -> None:
    with pytest.raises(TimeoutError, match="job 'job-1' is not started"):
        job.wait(timeout)

    assert clock.sleeps == []


@pytest.mark.parametrize("state", sorted(WAITING))
def test_waiting_job_can_be_cancelled_and_is_kept_as_long_as_a_completed_one(
    store: InMemoryStore, job: Job[Sent], clock: LivelyClock, state: State
) -> None:
    put(store, state=state)

    job.cancel("order withdrawn")

    status = job.status()
    assert (status.state, status.failed_reason) == (State.CANCELLED, "order withdrawn")
    clock.advance(timedelta(hours=2) - SECOND)
    assert job.status() == status
    clock.advance(SECOND)
    with pytest.raises(JobNotFoundError):
        job.status()


def test_cancelling_twice_does_nothing_more(store: InMemoryStore, job: Job[Sent]) -> None:
    put(store)
    job.cancel("first")

    job.cancel("second")

    assert job.status().failed_reason == "first"


@pytest.mark.parametrize("state", sorted(TERMINAL - {State.CANCELLED}))
def test_job_that_has_ended_cannot_be_cancelled(
    store: InMemoryStore, job: Job[Sent], state: State
) -> None:
    put(store, state=state)

    with pytest.raises(JobStateError, match=f"is {state.value}; only a job that has not ended"):
        job.cancel()

    assert job.status().state is state


def test_long_reason_of_a_cancellation_is_cut(store: InMemoryStore, job: Job[Sent]) -> None:
    put(store)

    job.cancel("x" * 501)

    assert job.status().failed_reason == "x" * 500


def test_handle_without_a_job_type_keeps_a_cancelled_job_for_a_day(
    store: InMemoryStore, clock: LivelyClock
) -> None:
    put(store)
    stranger = handle(store, clock)

    stranger.cancel()

    clock.advance(timedelta(hours=24) - SECOND)
    assert stranger.status().state is State.CANCELLED
