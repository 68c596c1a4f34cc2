"""What shall become of a dead letter: one table for those SQS moved, one for ours, and laws."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.execution.letters import BARE, DAY, MINUTE, OURS, a_letter, event, its_record
from workerless.execution.letter import (
    MOST_RETURNS,
    Archive,
    Drop,
    Explain,
    Fail,
    Fate,
    File,
    Keep,
    Letter,
    Return,
    judge_letter,
)
from workerless.payload import digest
from workerless.record import Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_lease

TOLD_WHY = {"reason": "rejected"}
NOW = START + 5 * MINUTE
LIVE, ENDED = a_lease(until=NOW + MINUTE), a_lease(until=NOW - MINUTE)
COMPANY = a_lease(until=NOW - MINUTE, alone=False)
OTHER = digest({"text": "other"})
SOON, LATE = NOW + MINUTE, NOW + timedelta(hours=1)


def running(lease: Any, **changes: Any) -> Record:
    return its_record(state=State.PROCESSING, lease=lease, attempt=1, **changes)


def failed(**changes: Any) -> Record:
    return its_record(**{"state": State.FAILED, "reason": "rejected"} | changes)


def filed(reason: str, job_id: str = "job") -> File:
    return File(job_id=job_id, reason=reason)


MOVED: list[tuple[str, str, Record | None, Fate]] = [
    ("bare, never recorded", BARE, None, Return(times=1)),
    ("foreign, never recorded", event(), None, Return(times=1)),
    ("ours, its record gone", OURS, None, filed("record_missing")),
    ("unreadable", "{", None, filed("not_json")),
    ("of another queue", event(type="other"), None, filed("wrong_queue")),
    ("foreign, its id another's", event(), its_record(digest=OTHER), filed("id_taken")),
    ("bare, its id another type's", BARE, its_record(job_type="t"), filed("id_taken")),
    ("ours, its id another's", OURS, failed(digest=OTHER), filed("record_missing")),
    ("pending", OURS, its_record(), Return(times=1)),
    ("pending, bare", BARE, its_record(), Return(times=1)),
    ("retrying", OURS, its_record(state=State.RETRYING, attempt=1), Return(times=1)),
    ("early", OURS, its_record(state=State.RETRYING, run_at=SOON), Keep()),
    ("parked", OURS, its_record(state=State.SCHEDULED, run_at=LATE), Drop()),
    ("at work", OURS, running(LIVE), Keep()),
    ("its process died", OURS, running(ENDED), Return(times=1)),
    ("died in company", OURS, running(COMPANY), Return(times=1)),
    ("died at last", OURS, running(ENDED, max_attempts=1), Return(times=1)),
    ("redriven since", OURS, its_record(generation=2), Drop()),
    ("redriven, failed again", OURS, failed(generation=2), Drop()),
    ("failed", OURS, failed(), Explain(reason="rejected")),
    ("completed", OURS, its_record(state=State.COMPLETED), Drop()),
    ("cancelled", BARE, its_record(state=State.CANCELLED, reason="no"), Drop()),
    ("discarded", OURS, its_record(state=State.DISCARDED, reason="no"), Drop()),
    ("held", OURS, its_record(state=State.HELD, reason="unknown_outcome"), Drop()),
    ("unreadable, begun", "{", running(ENDED, digest=digest({})), Fail(reason="not_json")),
    ("unreadable, at work", "{", running(LIVE, digest=digest({})), Keep()),
    ("unreadable, failed", "{", failed(digest=digest({})), Explain(reason="rejected")),
]
TOLD: list[tuple[str, str, Record | None, Fate]] = [
    ("failed", OURS, failed(), Keep()),
    ("failed, bare", BARE, failed(), Keep()),
    ("failed twice, bare", BARE, failed(generation=2), Drop()),
    ("failed twice, of the first time", OURS, failed(generation=2), Drop()),
    ("failed otherwise", OURS, failed(reason="gave_up"), Explain(reason="gave_up")),
    ("no record", OURS, None, Keep()),
    ("its id another's", OURS, its_record(state=State.COMPLETED, digest=OTHER), Keep()),
    ("its id another type's", OURS, its_record(state=State.COMPLETED, job_type="t"), Keep()),
    ("completed", OURS, its_record(state=State.COMPLETED), Drop()),
    ("completed, bare", BARE, its_record(state=State.COMPLETED, generation=2), Drop()),
    ("cancelled", OURS, its_record(state=State.CANCELLED), Drop()),
    ("discarded", OURS, its_record(state=State.DISCARDED), Drop()),
    ("redriven", OURS, its_record(generation=2), Drop()),
    ("redriven, bare", BARE, its_record(generation=2), Drop()),
    ("redriven, at work", OURS, running(LIVE, generation=2), Drop()),
    ("waits after all", OURS, its_record(), Drop()),
    ("parked after all", event(), its_record(state=State.SCHEDULED, run_at=LATE), Drop()),
    ("at work after all", event(), running(LIVE), Drop()),
    ("begun after all, its process died", event(), running(ENDED), Drop()),
    ("held after all", event(), its_record(state=State.HELD, reason="unknown_outcome"), Drop()),
    ("unreadable", "{", None, Keep()),
    ("unreadable, begun", "{", running(ENDED, digest=digest({})), Fail(reason="not_json")),
    ("unreadable, at work", "{", running(LIVE, digest=digest({})), Keep()),
]


@pytest.mark.parametrize(
    ("body", "record", "fate"), [row[1:] for row in MOVED], ids=[row[0] for row in MOVED]
)
def test_letter_that_sqs_moved(body: str, record: Record | None, fate: Fate) -> None:
    assert judge_letter(a_letter(body), record, NOW) == fate


@pytest.mark.parametrize(
    ("body", "record", "fate"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD]
)
def test_letter_that_says_why_it_is_there(body: str, record: Record | None, fate: Fate) -> None:
    assert judge_letter(a_letter(body, TOLD_WHY), record, NOW) == fate


@pytest.mark.parametrize(
    ("returned", "fate"),
    [
        ({}, Return(times=1)),
        ({"returned": "1"}, Return(times=2)),
        ({"returned": "2"}, Return(times=3)),
        ({"returned": "3"}, Fail(reason="undeliverable")),
        ({"returned": "4"}, Fail(reason="undeliverable")),
        ({"returned": "many"}, Return(times=1)),
        ({"returned": "\u00b2"}, Return(times=1)),
    ],
)
@pytest.mark.parametrize("record", [None, its_record(), running(ENDED)])
def test_letter_is_returned_three_times_and_then_its_job_fails(
    returned: dict[str, str], record: Record | None, fate: Fate
) -> None:
    if record is None and isinstance(fate, Fail):
        fate = filed("undeliverable")
    assert judge_letter(a_letter(event(), returned), record, NOW) == fate


UNRECORDED = {"reason": "rejected", "record": "none"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"reason": "refund", "job_id": "job", "job_type": "other"},
        {"reason": "refund", "job_id": "../job", "job_type": "task"},
        {"job_id": "job", "job_type": "task"},
    ],
)
def test_reason_of_somebody_else_is_none(attributes: dict[str, str]) -> None:
    letter = Letter(arrival=a_letter(BARE).arrival, attributes=attributes)

    assert letter.reason is None
    assert judge_letter(letter, None, NOW) == Return(times=1)


def test_bare_letter_of_ours_names_its_job_beside_the_body() -> None:
    letter = a_letter(BARE, TOLD_WHY, message_id="second")

    assert letter.job_id == "job"


OLD = START + 13 * DAY


@pytest.mark.parametrize(
    ("letter", "record", "fate"),
    [
        (a_letter(attributes=TOLD_WHY), failed(), Archive()),
        (a_letter(attributes=TOLD_WHY), None, Archive()),
        (a_letter(), failed(), Archive(reason="rejected")),
        (a_letter("{"), None, filed("not_json")),
        (a_letter(BARE), None, Archive()),
        (a_letter(), its_record(state=State.COMPLETED), Drop()),
        (a_letter(attributes=TOLD_WHY), its_record(), Drop()),
        (a_letter(attributes={"returned": "3"}), its_record(), Fail(reason="undeliverable")),
        (a_letter(attributes=TOLD_WHY, sent_at=START + timedelta(seconds=1)), failed(), Keep()),
    ],
)
def test_letter_of_13_days_is_archived_unless_it_is_needed_no_more(
    letter: Letter, record: Record | None, fate: Fate
) -> None:
    assert judge_letter(letter, record, OLD) == fate


records = st.none() | st.builds(
    its_record,
    state=st.sampled_from(State),
    generation=st.integers(1, 3),
    digest=st.sampled_from([its_record().digest, OTHER, digest({})]),
    job_type=st.sampled_from(["task", "other"]),
    lease=st.sampled_from([None, LIVE, ENDED, COMPANY]),
    run_at=st.sampled_from([START, SOON, LATE]),
)
letters = st.builds(
    a_letter,
    st.sampled_from([BARE, event(), OURS, event(generation=2), "{", event(type="other")]),
    st.sampled_from(
        [{}, {"reason": "rejected"}, UNRECORDED, {"reason": "id_taken"}, {"returned": "3"}]
    ),
)
ages = st.sampled_from([NOW, OLD])


@given(letter=letters, record=records, now=ages)
def test_letter_of_a_failed_job_is_never_dropped(
    letter: Letter, record: Record | None, now: Any
) -> None:
    """Unless it is of an earlier life of its job."""
    if record is not None and record.state is State.FAILED:
        is_older = (letter.generation or 1) < record.generation
        assert is_older or not isinstance(judge_letter(letter, record, now), Drop)


@given(letter=letters, record=records, now=ages)
def test_letter_is_dropped_only_if_a_record_of_its_own_job_says_more(
    letter: Letter, record: Record | None, now: Any
) -> None:
    if isinstance(judge_letter(letter, record, now), Drop):
        assert record is not None
        assert letter.is_of(record)


@given(letter=letters, record=records, now=ages)
def test_job_that_is_at_work_or_has_ended_is_neither_returned_nor_failed(
    letter: Letter, record: Record | None, now: Any
) -> None:
    fate = judge_letter(letter, record, now)
    if isinstance(fate, Return | Fail) and record is not None:
        assert not record.state.is_terminal
        at_work = record.state is State.PROCESSING and record.lease == LIVE and now == NOW
        assert not at_work


@given(letter=letters, record=records, now=ages)
def test_letter_that_says_why_never_leaves_the_dead(
    letter: Letter, record: Record | None, now: Any
) -> None:
    fate = judge_letter(letter, record, now)
    if letter.reason:
        assert not isinstance(fate, Return)
        assert not isinstance(fate, Fail) or letter.arrival.problem is not None


@given(letter=letters, record=records, now=ages)
def test_letter_that_says_why_stays_only_where_its_job_failed_or_has_no_record(
    letter: Letter, record: Record | None, now: Any
) -> None:
    own = record if record is not None and letter.is_of(record) else None
    if letter.reason and letter.arrival.problem is None:
        fate = judge_letter(letter, record, now)
        assert isinstance(fate, Drop) or own is None or own.state is State.FAILED


@given(letter=letters, record=records)
def test_letter_is_returned_at_most_as_often_as_said(letter: Letter, record: Record | None) -> None:
    fate = judge_letter(letter, record, NOW)
    if isinstance(fate, Return):
        assert 1 <= fate.times <= MOST_RETURNS
