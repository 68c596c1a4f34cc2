"""The doctor on queues that no job type or lane has any more."""

import pytest

from tests.unit.operations.test_doctor import ADDRESS
from tests.unit.operations.test_examination import a_doctor
from workerless.testing.platform import InMemoryPlatform


@pytest.mark.parametrize(
    ("count", "told"), [(3, "has about 3 messages that nobody reads"), (0, "is empty")]
)
def test_queue_that_nobody_declares_any_more_is_found(count: int, told: str) -> None:
    known = {ADDRESS.queue: 5, ADDRESS.dead_letters: 5}
    platform = InMemoryPlatform(left={"greet--low": count, **known})

    diagnosis = a_doctor(platform).examine()

    (finding,) = diagnosis.findings
    assert (finding.rule, finding.on) == ("left_queue", "greet--low")
    assert finding.wrong.endswith(told)
    assert "delete-queue --queue-url greet--low" in finding.fix
    assert diagnosis.is_broken is (count > 0)
