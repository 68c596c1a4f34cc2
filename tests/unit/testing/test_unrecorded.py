"""Jobs that have no record: what telemetry tells is all there is."""

import pytest

from tests.unit.testing.office import LETTER
from workerless.testing.clock import FakeClock
from workerless.testing.crash import Doom, ProcessDeath
from workerless.testing.doubles import Doubles
from workerless.testing.failure import failure_in

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
