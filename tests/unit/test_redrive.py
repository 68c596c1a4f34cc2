"""redrive: what a person's decision makes of a failed job's record, where no store looks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.record import Progress, Record
from workerless.redrive import (
    MAX_FORMER_DIGESTS,
    Dismissal,
    Edit,
    Redrive,
    dismissed,
    is_as_seen,
    is_dismissed_by,
    is_redriven_by,
    redriven,
)
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_lease, a_record, an_error
from workerless.transition import Verdict, judge

MINUTE = timedelta(minutes=1)
FAILED = a_record(
    state=State.FAILED,
    attempt=3,
    lease=a_lease(),
    first_started_at=START,
    started_at=START,
    finished_at=START,
    progress=Progress(percent=50),
    result="{}",
    reason="attempts_exhausted",
    errors=(an_error(),),
    steps={"charge": "1"},
    sent_for=START,
    expires_at=START + 60 * MINUTE,
)
EDIT = Edit(body='{"to":"her"}', digest="1" * 64)


def a_redrive(seen: Record = FAILED, **changes: Any) -> Redrive:
    redrive = Redrive(seen=seen, by="request-1", at=START + MINUTE, run_at=START + MINUTE)
    return replace(redrive, **changes)


def a_dismissal(seen: Record = FAILED, **changes: Any) -> Dismissal:
    dismissal = Dismissal(
        seen=seen, by="request-1", at=START, reason="spam", expires_at=START + MINUTE
    )
    return replace(dismissal, **changes)


def test_redriven_job_is_as_new_but_for_what_it_did() -> None:
    again = redriven(FAILED, a_redrive())

    assert again == a_record(
        generation=2,
        run_at=START + MINUTE,
        updated_at=START + MINUTE,
        redriven_at=START + MINUTE,
        redriven_by="request-1",
        errors=FAILED.errors,
        steps=FAILED.steps,
    )


@pytest.mark.parametrize(("delay", "state"), [(0, State.PENDING), (1, State.SCHEDULED)])
def test_redriven_job_waits_for_its_delay(delay: int, state: State) -> None:
    redrive = a_redrive(run_at=START + MINUTE + delay * MINUTE)

    assert redriven(FAILED, redrive).state is state


def test_edited_job_has_another_payload_and_remembers_the_old() -> None:
    again = redriven(FAILED, a_redrive(edit=EDIT))

    assert (again.body, again.digest) == (EDIT.body, EDIT.digest)
    assert again.former_digests == (FAILED.digest,)


def test_last_payloads_of_a_job_are_remembered() -> None:
    record = FAILED
    for number in range(MAX_FORMER_DIGESTS + 1):
        record = replace(record, state=State.FAILED, expires_at=None)
        edit = Edit(body="{}", digest=f"digest-{number}")
        record = redriven(record, a_redrive(record, edit=edit))

    assert len(record.former_digests) == MAX_FORMER_DIGESTS
    assert record.former_digests[-1] == f"digest-{MAX_FORMER_DIGESTS - 1}"


@pytest.mark.parametrize("generation", [None, 1])
def test_message_from_before_a_redrive_is_stale_whatever_its_payload(
    generation: int | None,
) -> None:
    again = redriven(FAILED, a_redrive(edit=EDIT))
    new = None if generation else a_record()

    assert judge(again, a_claim(generation=generation, new=new)) is Verdict.STALE


@pytest.mark.parametrize(
    "record",
    [
        None,
        replace(FAILED, state=State.COMPLETED),
        replace(FAILED, state=State.PROCESSING),
        replace(FAILED, generation=2),
        replace(FAILED, updated_at=START + MINUTE),
        replace(FAILED, filed_from="letter"),
        replace(FAILED, digest="1" * 64),
        replace(FAILED, job_type="process_image"),
        replace(FAILED, expires_at=START),
    ],
)
def test_only_the_failed_job_that_was_seen_is_decided_about(record: Record | None) -> None:
    assert not is_as_seen(record, FAILED, START)


@pytest.mark.parametrize("state", sorted(set(State) - {State.FAILED}))
def test_job_that_has_not_failed_is_not_decided_about(state: State) -> None:
    seen = replace(FAILED, state=state)

    with pytest.raises(ValueError, match=f"seen must be a failed job, got job-1 which is {state}"):
        a_redrive(seen)
    with pytest.raises(ValueError, match=f"seen must be a failed job, got job-1 which is {state}"):
        a_dismissal(seen)


@pytest.mark.parametrize("edit", [None, EDIT])
@pytest.mark.parametrize("state", sorted(State))
def test_redrive_finds_its_own_work_however_far_the_job_has_come(
    state: State, edit: Edit | None
) -> None:
    redrive = a_redrive(edit=edit)
    record = replace(redriven(FAILED, redrive), state=state)

    assert is_redriven_by(record, redrive)
    assert not is_redriven_by(record, replace(redrive, by="request-2"))
    assert not is_redriven_by(replace(record, generation=3), redrive)
    assert not is_redriven_by(replace(record, job_type="process_image"), redrive)
    assert not is_redriven_by(None, redrive)


def test_dismissed_job_is_discarded_with_the_reason_given() -> None:
    ended = dismissed(FAILED, a_dismissal())

    assert ended == replace(
        FAILED,
        state=State.DISCARDED,
        reason="spam",
        dismissed_by="request-1",
        expires_at=START + MINUTE,
    )


def test_dismissal_finds_its_own_work() -> None:
    ended = dismissed(FAILED, a_dismissal())

    assert is_dismissed_by(ended, a_dismissal(at=START + MINUTE))
    assert not is_dismissed_by(ended, a_dismissal(by="request-2"))
    assert not is_dismissed_by(replace(ended, digest="1" * 64), a_dismissal())
    assert not is_dismissed_by(FAILED, a_dismissal())
