"""assert_idempotent: a second run must leave the world as the first did."""

from dataclasses import replace

import pytest

from tests.unit.testing.office import LETTER, Letter, Office, Sent
from workerless import State
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage
from workerless.unknown_outcome import OnUnknownOutcome
from workerless.worker import worker


def test_handler_that_knows_its_job_passes(stage: InMemoryStage) -> None:
    by_job: dict[str, str] = {}
    runs: list[int] = []

    def send(letter: Letter, job: JobContext) -> Sent:
        runs.append(job.attempt)
        by_job[job.job_id] = letter.to
        return Sent(number=len(by_job))

    stage.use(worker(LETTER)(send))

    stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: by_job)

    assert runs == [1, 2]


def test_handler_that_does_it_again_is_told_with_the_difference(
    stage: InMemoryStage, office: Office
) -> None:
    with pytest.raises(AssertionError) as failure:
        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: office.out)

    assert "letter is not idempotent: it ran a second time, and observe() gave" in str(
        failure.value
    )
    assert "  - ['Ada']\n  + ['Ada', 'Ada']" in str(failure.value)


def test_handler_that_cannot_run_again_is_told_with_its_error(stage: InMemoryStage) -> None:
    rows: set[str] = set()

    def insert(letter: Letter) -> Sent:
        if letter.to in rows:
            raise KeyError("duplicate key")
        rows.add(letter.to)
        return Sent(number=len(rows))

    stage.use(worker(LETTER)(insert))

    with pytest.raises(AssertionError, match=r"again after a crash, got failed \(attempts_"):
        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: rows)


def test_job_that_never_completes_shows_nothing(stage: InMemoryStage) -> None:
    with pytest.raises(AssertionError, match=r"must complete once, got failed \(rejected\)"):
        stage.assert_idempotent(LETTER, Letter(to="nobody"), observe=list)

    assert not stage.is_doomed()


def test_first_attempts_may_fail(stage: InMemoryStage, office: Office) -> None:
    office.ill = {"Ada": 1}

    stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: set(office.out))


def test_effect_of_a_mere_redelivery_is_told(stage: InMemoryStage, office: Office) -> None:
    seen: list[int] = []

    def observe() -> object:
        seen.append(len(seen))
        return min(len(seen), 3) == 3

    with pytest.raises(AssertionError, match="its message came a second time"):
        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=observe)


@pytest.mark.parametrize("inline", [False, True])
def test_works_beside_other_jobs_and_inline(office: Office, *, inline: bool) -> None:
    with InMemoryStage(office.worker, inline=inline) as stage:
        other = stage.client.enqueue(LETTER, Letter(to="Bob"))

        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: set(office.out))

        assert other.status().state is State.COMPLETED


def careful(policy: OnUnknownOutcome, office: Office) -> InMemoryStage:
    letter = replace(LETTER, on_unknown_outcome=policy, batch_size=1)
    return InMemoryStage(worker(letter)(office.send))


def test_job_type_that_holds_is_promoted(office: Office) -> None:
    with careful(OnUnknownOutcome.HOLD, office) as stage:
        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: set(office.out))

    assert office.out == ["Ada", "Ada"]


def test_job_type_that_fails_after_a_crash_cannot_be_asked(office: Office) -> None:
    with (
        careful(OnUnknownOutcome.FAIL, office) as stage,
        pytest.raises(AssertionError, match=r"must complete again after a crash, got failed \("),
    ):
        stage.assert_idempotent(LETTER, Letter(to="Ada"), observe=lambda: office.out)
