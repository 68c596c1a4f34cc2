"""Calling many jobs off, some of which have begun since they were found."""

from datetime import timedelta

from tests.unit.operations.ward import Ward
from workerless.operations.ending import cancel_many
from workerless.operations.outcome import Result
from workerless.states import State
from workerless.testing.sample import a_claim


def test_job_that_began_meanwhile_is_asked_to_end() -> None:
    ward = Ward()
    jobs = [ward.stage.client.enqueue(ward.job_type, ward.payload(n)) for n in range(2)]
    seen = [one for one in ward.desk.store.get_many([job.id for job in jobs]) if one]
    ward.clock.advance(timedelta(seconds=1))
    ward.stage.doubles.store.claim_many(
        [a_claim(jobs[1].id, job_type="visit", now=ward.clock.now())]
    )

    once, twice = (cancel_many(seen, ward.desk, why="not today") for _ in range(2))

    assert [one.result for one in once] == [one.result for one in twice] == [Result.DONE] * 2
    statuses = [job.status() for job in jobs]
    assert [one.state for one in statuses] == [State.CANCELLED, State.PROCESSING]
    assert statuses[1].is_cancelling
