"""Which letters are filed: those that are all there is of their jobs, each once."""

from typing import Any

import pytest

from tests.unit.execution.letters import BARE, DAY, MINUTE, OURS, a_letter, event, its_record
from workerless.execution.letter import Drop, Explain, File, Keep, judge_letter
from workerless.payload import digest
from workerless.record import Record
from workerless.states import State
from workerless.testing.clock import START

NOW = START + 5 * MINUTE
OTHER = digest({"text": "other"})
UNRECORDED = {"reason": "rejected", "record": "none"}


def failed(**changes: Any) -> Record:
    return its_record(**{"state": State.FAILED, "reason": "rejected"} | changes)


def filed(reason: str, job_id: str = "job") -> File:
    return File(job_id=job_id, reason=reason)


@pytest.mark.parametrize("record", [None, its_record(digest=OTHER), failed(job_type="other")])
@pytest.mark.parametrize("body", [BARE, OURS, "{"])
@pytest.mark.parametrize("now", [NOW, START + 13 * DAY])
def test_letter_that_is_all_there_is_of_its_job_is_filed(
    body: str, record: Record | None, now: Any
) -> None:
    letter = a_letter(body, UNRECORDED, message_id="letter")

    fate = judge_letter(letter, record, now)

    assert fate == filed("rejected", "job" if record is None else "letter")


@pytest.mark.parametrize("attributes", [UNRECORDED, {}])
def test_letter_of_which_a_record_was_made_is_dropped(attributes: dict[str, str]) -> None:
    letter = a_letter(event(), attributes, message_id="letter")

    assert judge_letter(letter, failed(filed_from="letter"), NOW) == Drop()


def test_letter_of_a_job_that_has_a_record_after_all_says_so_no_more() -> None:
    letter = a_letter(event(), UNRECORDED)

    assert judge_letter(letter, failed(), NOW) == Explain(reason="rejected")


def test_letter_of_a_job_that_died_again_after_it_was_dismissed_is_filed() -> None:
    """With tracking off a job runs again under its id, whatever its record says."""
    letter = a_letter(event(), UNRECORDED, message_id="second")
    dismissed = its_record(state=State.DISCARDED, reason="spam", filed_from="letter")

    assert judge_letter(letter, dismissed, NOW) == filed("rejected", "second")


def test_second_letter_of_a_filed_job_stays() -> None:
    letter = a_letter(event(), UNRECORDED, message_id="second")

    assert judge_letter(letter, failed(filed_from="letter"), NOW) == Keep()
