"""uniqueness: what a new job meets, for every rule and every state of the job before it."""

from datetime import timedelta

import pytest

from workerless import Debounce, OnDuplicate, State, Unique, Until
from workerless.flow.unique import Uniqueness, key_of
from workerless.record import Record
from workerless.testing.clock import START
from workerless.testing.sample import a_record
from workerless.uniqueness import Fresh, Replacing, Same, Superseding, meet, replaced

MINUTE = timedelta(minutes=1)
NOW = START + MINUTE
NONE = timedelta(0)

WAITS = a_record()
PARKED = a_record(state=State.SCHEDULED, run_at=START + timedelta(days=1))
RUNS = a_record(state=State.PROCESSING, attempt=1, started_at=START)
RETRIES = a_record(state=State.RETRYING, attempt=1, started_at=START)
SNOOZES = a_record(state=State.SCHEDULED, started_at=START, run_at=NOW + MINUTE)
HELD = a_record(state=State.HELD, started_at=START)
DONE = a_record(state=State.COMPLETED, attempt=1, started_at=START)
FAILED = a_record(state=State.FAILED, attempt=3, started_at=START)
CANCELLED = a_record(state=State.CANCELLED)
REDRIVEN = a_record(generation=2)

STARTED = Unique(until=Until.STARTED)
WHOLE = Unique(until=Until.DONE)
HOURLY = Unique(until=Until.WINDOW_OVER, within=timedelta(hours=1))
REPLACE = Unique(until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE)
LAST = Unique(until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST)


def met(rule: Uniqueness, last: Record | None) -> type:
    return type(meet(rule, last, now=NOW, delay=NONE))


@pytest.mark.parametrize("rule", [STARTED, WHOLE, HOURLY, REPLACE, LAST, Debounce(wait=MINUTE)])
def test_first_of_its_key_meets_nobody(rule: Uniqueness) -> None:
    assert met(rule, None) is Fresh


@pytest.mark.parametrize(
    ("rule", "standing"),
    [
        (STARTED, [WAITS, PARKED, REDRIVEN]),
        (WHOLE, [WAITS, PARKED, RUNS, RETRIES, SNOOZES, HELD, REDRIVEN]),
        (HOURLY, [WAITS, PARKED, RUNS, RETRIES, SNOOZES, HELD, REDRIVEN, DONE, FAILED]),
    ],
)
def test_job_stands_in_the_way_until_then(rule: Uniqueness, standing: list[Record]) -> None:
    everyone = [
        *(WAITS, PARKED, RUNS, RETRIES, SNOOZES, HELD, DONE, FAILED, CANCELLED, REDRIVEN),
    ]

    assert [one for one in everyone if met(rule, one) is Same] == [
        one for one in everyone if one in standing
    ]
    assert {met(rule, one) for one in everyone} == {Same, Fresh}


@pytest.mark.parametrize(
    ("last", "meeting"),
    [
        (WAITS, Replacing),
        (PARKED, Replacing),
        (RETRIES, Superseding),
        (SNOOZES, Superseding),
        (RUNS, Fresh),
        (HELD, Fresh),
        (DONE, Fresh),
    ],
)
def test_only_what_has_not_begun_is_replaced(last: Record, meeting: type) -> None:
    assert met(REPLACE, last) is meeting


@pytest.mark.parametrize("last", [WAITS, PARKED, RETRIES, SNOOZES])
def test_last_is_kept_and_what_waits_is_cancelled(last: Record) -> None:
    assert met(LAST, last) is Superseding


@pytest.mark.parametrize("last", [RUNS, HELD, DONE, FAILED])
def test_last_is_kept_beside_what_runs_or_has_ended(last: Record) -> None:
    assert met(LAST, last) is Fresh


@pytest.mark.parametrize("until", [Until.STARTED, Until.DONE, Until.WINDOW_OVER])
def test_nothing_stands_in_the_way_for_longer_than_its_window(until: Until) -> None:
    rule = Unique(until=until, within=MINUTE)

    assert type(meet(rule, WAITS, now=NOW - timedelta(microseconds=1), delay=NONE)) is Same
    assert met(rule, WAITS) is Fresh


def test_replaced_job_runs_when_the_new_one_was_to_run() -> None:
    meeting = meet(REPLACE, PARKED, now=NOW, delay=MINUTE)

    assert meeting == Replacing(last=PARKED, run_at=NOW + MINUTE)


def test_trailing_job_waits_for_quiet() -> None:
    rule = Debounce(wait=MINUTE)
    waiting = a_record(state=State.SCHEDULED, run_at=NOW + MINUTE / 2)

    assert meet(rule, None, now=NOW, delay=NONE) == Fresh(run_at=NOW + MINUTE)
    assert meet(rule, waiting, now=NOW, delay=NONE) == Replacing(last=waiting, run_at=NOW + MINUTE)
    assert meet(rule, DONE, now=NOW, delay=NONE) == Fresh(run_at=NOW + MINUTE)
    assert meet(rule, RETRIES, now=NOW, delay=NONE) == Superseding(
        last=RETRIES, run_at=NOW + MINUTE
    )


def test_trailing_job_waits_no_longer_than_its_longest_delay() -> None:
    rule = Debounce(wait=MINUTE, max_delay=1.5 * MINUTE)
    waiting = a_record(state=State.SCHEDULED, run_at=START + MINUTE)

    early = meet(rule, waiting, now=START + 0.9 * MINUTE, delay=NONE)
    late = meet(rule, waiting, now=START + MINUTE, delay=NONE)

    assert early == Replacing(last=waiting, run_at=START + 1.5 * MINUTE)
    assert late == Replacing(last=waiting, run_at=START + MINUTE)  # it only waits for a worker


def test_leading_job_runs_at_once_and_one_more_for_all_that_follow() -> None:
    rule = Debounce(wait=MINUTE, leading=True)
    soon = START + timedelta(seconds=1)
    trailing = a_record(state=State.SCHEDULED, enqueued_at=soon, run_at=soon + MINUTE)
    after = soon + MINUTE / 2

    assert meet(rule, None, now=START, delay=NONE) == Fresh(run_at=START)
    assert meet(rule, WAITS, now=soon, delay=NONE) == Replacing(last=WAITS, run_at=START)
    assert meet(rule, DONE, now=soon, delay=NONE) == Fresh(run_at=soon + MINUTE)
    assert meet(rule, trailing, now=after, delay=NONE) == Replacing(
        last=trailing, run_at=after + MINUTE
    )
    assert meet(rule, DONE, now=NOW, delay=NONE) == Fresh(run_at=NOW)


def test_replaced_job_keeps_its_id_its_age_and_its_generation() -> None:
    last = a_record(digest="a" * 64, former_digests=("0" * 64,), correlation_id="c-1")
    new = a_record("job-2", digest="b" * 64, body="new", correlation_id="job-2", enqueued_at=NOW)

    after = replaced(new, Replacing(last=last, run_at=NOW + MINUTE), NOW)

    assert after == a_record(
        "job-1",
        state=State.SCHEDULED,
        digest="b" * 64,
        former_digests=("0" * 64, "a" * 64),
        body="new",
        run_at=NOW + MINUTE,
        updated_at=NOW,
        correlation_id="c-1",
    )


@pytest.mark.parametrize("rule", [REPLACE, Debounce(wait=MINUTE)])
def test_job_that_a_gate_holds_back_keeps_its_time_and_its_place(rule: Uniqueness) -> None:
    waits = {"rate:sync": "17"}
    held = a_record(
        state=State.SCHEDULED, run_at=NOW + 5 * MINUTE, reason="rate_limit", waits=waits
    )

    meeting = meet(rule, held, now=NOW, delay=NONE)

    assert isinstance(meeting, Replacing)
    after = replaced(a_record("job-2", digest="b" * 64), meeting, NOW)
    assert (after.run_at, after.waits, after.reason) == (held.run_at, waits, "rate_limit")
    assert (after.state, after.digest) == (State.SCHEDULED, "b" * 64)


def test_equal_fields_give_equal_keys_and_nothing_else_does() -> None:
    rule = Unique(by=("user",))
    data = {"user": "ada", "page": 1}

    assert key_of(rule, "sync", data, None) == key_of(rule, "sync", {"user": "ada"}, None)
    others = {
        key_of(rule, "sync", {"user": "bob"}, None),
        key_of(rule, "sync", {}, None),
        key_of(rule, "other", data, None),
        key_of(rule, "sync", data, "acme"),
        key_of(Unique(), "sync", data, None),
    }
    assert len(others) == 5
    assert key_of(rule, "sync", data, None) not in others


@pytest.mark.parametrize(
    ("before", "after", "has_message"),
    [
        (0, 0, True),  # it stands in the line
        (60, 120, True),  # it comes early, and waits on
        (120, 60, False),
        (3_600, 60, False),  # a parked job has none
        (3_600, 3_600, False),
    ],
)
def test_message_is_sent_where_none_comes_in_time(
    *, before: int, after: int, has_message: bool
) -> None:
    last = a_record(run_at=START + timedelta(seconds=before))

    meeting = Replacing(last=last, run_at=START + timedelta(seconds=after))

    assert meeting.has_message is has_message
