"""Calling many jobs off, some of which have begun since they were found."""

from datetime import timedelta

from tests.unit.operations.ward import DEAD, Ward, a_job_type
from workerless.ledger import Kind
from workerless.message import Message
from workerless.operations.ending import cancel_many
from workerless.operations.outcome import Result
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim
from workerless.tracking import Tracking


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


def test_untracked_job_that_is_redriven_late_begins_all_the_same() -> None:
    ward = Ward(a_job_type(tracking=Tracking.OFF))
    late = Message(job_id="filed-0", job_type="visit", data={"number": 0}, start_by=START)
    ward.file(1, body=late.body())
    ward.cure()
    ward.clock.advance(timedelta(hours=2))

    ward.operations.bulk.start(Kind.RETRY, DEAD)
    ward.drive()
    ward.stage.run_all()

    assert len(ward.ran) == 1
