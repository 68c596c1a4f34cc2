"""Another time for a job that waits."""

from datetime import timedelta

import pytest

from tests.unit.client.producer import ADA, SECOND, NotedStore, greet, sent
from workerless.client import Client
from workerless.errors import EnqueueRefusedError, JobNotFoundError, JobStateError
from workerless.states import State
from workerless.testing.sample import a_record


@pytest.mark.parametrize("delay", [-SECOND, timedelta(days=3651)])
def test_delay_out_of_bounds_is_refused(client: Client, delay: timedelta) -> None:
    job = client.enqueue(greet, ADA)

    with pytest.raises(EnqueueRefusedError, match="delay must be between 0 s and 3650 days"):
        client.reschedule(job.id, delay)


def test_job_that_has_ended_is_left_as_it_is(client: Client) -> None:
    job = client.enqueue(greet, ADA)
    job.cancel()

    with pytest.raises(JobStateError, match="is cancelled; only a job that waits"):
        client.promote(job.id)

    assert job.status().state is State.CANCELLED


def test_unknown_job_is_not_found(client: Client) -> None:
    with pytest.raises(JobNotFoundError):
        client.promote("nobody")


def test_message_is_sent_for_a_near_time_and_none_for_a_far_one(
    client: Client, log: list[str]
) -> None:
    job = client.enqueue(greet, ADA, delay=timedelta(days=1))
    assert sent(log) == []

    client.reschedule(job.id, timedelta(hours=1))
    assert sent(log) == []
    client.reschedule(job.id, timedelta(minutes=1))

    assert sent(log) == [f"sent {job.id}"]
    assert job.status().state is State.SCHEDULED


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(days=1)])
def test_job_whose_message_is_gone_is_left_as_it_is(
    client: Client, store: NotedStore, delay: timedelta
) -> None:
    gone = a_record(job_type="greet", state=State.SCHEDULED, body="")
    store.put_many([gone])

    with pytest.raises(JobStateError, match="can never run: its message is gone"):
        client.reschedule(gone.job_id, delay)

    assert store.get_many([gone.job_id]) == [gone]
