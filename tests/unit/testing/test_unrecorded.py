"""Jobs that have no record: what telemetry tells is all there is."""

import pytest

from tests.unit.testing.office import LETTER, Letter, Office
from workerless import JobType, State, Tracking
from workerless.errors import JobNotFoundError
from workerless.testing.clock import FakeClock
from workerless.testing.crash import Doom, ProcessDeath
from workerless.testing.doubles import Doubles
from workerless.testing.failure import failure_in
from workerless.testing.outcomes import Outcomes
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

FAILED: dict[str, str | int | float | None] = {
    "event": "job.failed",
    "job_type": "letter",
    "job_id": "mine",
    "attempt": 1,
    "max_attempts": 1,
    "error_type": "OSError",
}
COMPLETED = {**FAILED, "event": "job.completed"}


@pytest.fixture
def doubles() -> Doubles:
    return Doubles(FakeClock())


def test_failure_is_told_by_the_type_of_its_error(doubles: Doubles) -> None:
    failure = failure_in([COMPLETED, FAILED], doubles.client())

    assert str(failure) == "letter mine failed at attempt 1 of 1: OSError"


def test_process_dies_when_the_doomed_job_has_completed(doubles: Doubles) -> None:
    doubles.store.doom = Doom(job_type=LETTER.name, job_id="mine")

    doubles.store.check([FAILED, {**COMPLETED, "job_id": "other"}])
    with pytest.raises(ProcessDeath):
        doubles.store.check([COMPLETED])

    assert doubles.store.doom is None


def letter(tracking: Tracking) -> JobType[Letter]:
    return JobType(name="letter", payload=Letter, tracking=tracking)


def stage(office: Office, tracking: Tracking) -> InMemoryStage:
    @worker(letter(tracking))
    def handler(payload: Letter) -> None:
        office.out.append(payload.to)

    return InMemoryStage(handler)


def test_lean_job_is_run_to_its_end(office: Office) -> None:
    with stage(office, Tracking.LEAN) as jobs:
        status = jobs.run(letter(Tracking.LEAN), Letter(to="Ada"))

    assert status.state is State.COMPLETED


@pytest.mark.parametrize("tracking", [Tracking.LEAN, Tracking.OFF])
def test_job_without_a_record_is_asked_for_and_run_twice(
    office: Office, tracking: Tracking
) -> None:
    wanted = letter(tracking)

    with stage(office, tracking) as jobs:
        jobs.client.enqueue(wanted, Letter(to="Ada"))
        jobs.assert_enqueued(wanted, payload=Letter(to="Ada"), count=1)
        assert jobs.drain() == Outcomes(completed=1)

        jobs.assert_idempotent(wanted, Letter(to="Bob"), observe=lambda: set(office.out))
        with pytest.raises(AssertionError, match="not idempotent: it ran a second time"):
            jobs.assert_idempotent(wanted, Letter(to="Eve"), observe=lambda: office.out)


def test_status_of_an_untracked_job_is_not_known(office: Office) -> None:
    with stage(office, Tracking.OFF) as jobs:
        with pytest.raises(JobNotFoundError, match="tracking of letter is off"):
            jobs.run(letter(Tracking.OFF), Letter(to="Ada"))

        assert office.out == ["Ada"]
