"""Marks: what they tell of a job, and that the latest one stands."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from workerless.errors import WorkerlessError
from workerless.frozen import replace
from workerless.message import JOB_ID
from workerless.record import Record
from workerless.states import State
from workerless.workflow.mark import Mark, SlotState, mark_of, member_id, read_mark, write_mark

NOW = datetime(2026, 11, 22, 15, 0, 0, 123_000, tzinfo=UTC)
STARTED_AT = NOW - timedelta(minutes=1)


def a_record(state: State, generation: int = 1, *, began: bool = True) -> Record:
    return Record(
        job_id="run.1:reserve",
        job_type="reserve",
        state=state,
        digest="",
        body="",
        max_attempts=1,
        generation=generation,
        enqueued_at=STARTED_AT,
        run_at=STARTED_AT,
        updated_at=NOW,
        started_at=STARTED_AT if began else None,
        finished_at=NOW if state.is_terminal else None,
    )


@pytest.mark.parametrize(("mark", "began"), list(product(SlotState, [True, False])), ids=str)
def test_mark_is_read_as_it_was_written(mark: SlotState, began: bool) -> None:  # noqa: FBT001
    told = Mark(generation=7, state=mark, at=NOW, began=began)

    assert read_mark(write_mark(told)) == told
    assert len(write_mark(told)) == 22


@pytest.mark.parametrize("text", ["", "1", "00000010q1795359600123", "0000001xf1795359600123"])
def test_text_that_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(WorkerlessError, match="no mark"):
        read_mark(text)


def test_end_stands_over_a_start_and_the_next_life_over_both() -> None:
    started = Mark(generation=1, state=SlotState.STARTED, at=NOW)
    ended = Mark(generation=1, state=SlotState.COMPLETED, at=STARTED_AT)
    again = Mark(generation=2, state=SlotState.STARTED, at=STARTED_AT)

    assert started.is_after(None)
    assert ended.is_after(started)
    assert again.is_after(ended)
    assert not ended.is_after(ended)
    assert not ended.is_after(again)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.COMPLETED, SlotState.COMPLETED),
        (State.FAILED, SlotState.FAILED),
        (State.CANCELLED, SlotState.CANCELLED),
        (State.DISCARDED, SlotState.DISCARDED),
        (State.PENDING, SlotState.STARTED),
        (State.RETRYING, SlotState.STARTED),
        (State.HELD, SlotState.STARTED),
    ],
)
def test_job_is_marked_by_its_state(state: State, told: SlotState) -> None:
    assert mark_of(a_record(state)).state is told


def test_failed_job_that_is_dismissed_stays_failed_for_its_container() -> None:
    dismissed = replace(a_record(State.DISCARDED), dismissed_by="ada")

    assert mark_of(dismissed).state is SlotState.FAILED


def test_mark_tells_whether_work_may_have_begun() -> None:
    assert mark_of(a_record(State.FAILED)).began
    assert not mark_of(a_record(State.FAILED, began=False)).began
    assert mark_of(a_record(State.FAILED, generation=2, began=False)).began


def test_marking_an_open_job_again_tells_the_same() -> None:
    earlier, later = (
        mark_of(replace(a_record(State.RETRYING), updated_at=at)) for at in (STARTED_AT, NOW)
    )

    assert earlier == later


@pytest.mark.parametrize("length", [1, 60, 128])
def test_member_has_an_id_of_its_own_that_is_no_longer_than_ids_may_be(length: int) -> None:
    container = "w" * length

    ids = {member_id(container, slot) for slot in ("1:reserve", "2:reserve", "1:charge")}

    assert len(ids) == 3
    assert all(JOB_ID.fullmatch(one) for one in ids)
    assert all(len(member_id(one, "1:" + "s" * 48 + "-inside")) <= 128 for one in ids)


def test_id_of_a_member_tells_container_epoch_and_step() -> None:
    assert member_id("order-7", "2:reserve") == "order-7.2:reserve"
