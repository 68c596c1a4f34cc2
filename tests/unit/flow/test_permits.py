"""The rules of a leased semaphore."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.flow.permits import (
    MARGIN,
    Holder,
    Permits,
    Waiter,
    free_without,
    grace,
    handed_over,
    look_after,
    on_its_way,
    taken,
)
from workerless.testing.clock import START as NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
JOBS = st.sampled_from("abcdefgh")
HOLDERS = st.lists(
    st.builds(
        Holder,
        job_id=JOBS,
        token=st.just("t"),
        until=st.integers(-60, 60).map(lambda seconds: NOW + seconds * SECOND),
    ),
    max_size=6,
    unique_by=lambda one: one.job_id,
)


def holder(job: str, *, ends: timedelta = MINUTE) -> Holder:
    return Holder(job_id=job, token="t", until=NOW + ends)  # noqa: S106


def waiter(job: str, *, waited: timedelta = SECOND) -> Waiter:
    since = NOW - waited
    return Waiter(job_id=job, job_type="visit", queue="q", since=since, asked_at=since)


def live(permits: Permits) -> list[str]:
    return [one.job_id for one in permits.holders if not one.is_over(NOW)]


@given(HOLDERS, JOBS, st.integers(0, 6))
def test_taking_never_has_more_than_the_limit_running(
    holders: list[Holder], job: str, limit: int
) -> None:
    before = Permits(holders=tuple(holders), version=3)

    after = taken(before, holder(job), limit=limit, now=NOW)

    if after is None:
        own = before.of(job)
        assert len(live(before)) >= limit or (own is not None and own.until > NOW + MINUTE)
    else:
        assert after.of(job) == holder(job)
        assert after.version == 4
        assert len(after.holders) <= max(limit, len(holders))
        assert set(live(before)) <= set(live(after))


@given(HOLDERS, st.lists(JOBS, unique=True), st.integers(0, 6))
def test_handing_over_fills_what_is_free_and_no_more(
    holders: list[Holder], line: list[str], limit: int
) -> None:
    before = Permits(holders=(*holders, holder("me")), is_awaited=True)
    free = free_without(before, "me", limit=limit, now=NOW)
    waiters = [waiter(job) for job in line if before.of(job) is None][:free]

    after = handed_over(before, holder("me"), waiters, now=NOW)

    assert after.of("me") is None
    assert all(after.of(one.job_id) for one in waiters)
    assert len(after.holders) <= max(limit, len(live(before)) - 1)
    assert after.is_awaited


def test_a_permit_is_over_ten_seconds_after_its_lease() -> None:
    permits = Permits(holders=(holder("a"),))
    asked = holder("b", ends=9 * MINUTE)

    assert taken(permits, asked, limit=1, now=NOW + MINUTE + MARGIN) is None
    later = taken(permits, asked, limit=1, now=NOW + MINUTE + MARGIN + SECOND)
    assert later is not None
    assert later.holders == (asked,)


def test_a_new_attempt_of_the_holder_needs_no_other_permit() -> None:
    again = Holder(job_id="a", token="u", until=NOW + 2 * MINUTE)  # noqa: S106

    after = taken(Permits(holders=(holder("a"),)), again, limit=1, now=NOW)

    assert after is not None
    assert after.holders == (again,)


def test_an_attempt_that_slept_takes_nothing_from_a_later_one_of_its_job() -> None:
    slept = Holder(job_id="a", token="u", until=NOW - MINUTE)  # noqa: S106

    assert taken(Permits(holders=(holder("a"),)), slept, limit=2, now=NOW) is None


def test_a_permit_on_its_way_is_for_whichever_attempt_comes() -> None:
    coming = on_its_way(waiter("a", waited=9 * MINUTE), NOW, by="t")

    after = taken(Permits(holders=(coming,)), holder("a"), limit=1, now=NOW)

    assert after is not None
    assert after.holders == (holder("a"),)


def test_without_a_line_nothing_is_noted() -> None:
    before = Permits(holders=(holder("a"), holder("b")), is_awaited=True, version=1)

    assert handed_over(before, holder("a"), None, now=NOW) == Permits(
        holders=(holder("b"),), version=2
    )


@pytest.mark.parametrize(
    ("waited", "kept"),
    [(SECOND, MINUTE), (5 * MINUTE, 5 * MINUTE), (90 * MINUTE, 10 * MINUTE)],
)
def test_a_permit_is_kept_longer_for_who_has_waited_longer(
    waited: timedelta, kept: timedelta
) -> None:
    assert grace(NOW - waited, NOW) == kept


@pytest.mark.parametrize(
    ("ends", "waited", "looks"),
    [
        (MINUTE, SECOND, MINUTE + MARGIN),  # when a permit could be over
        (-MINUTE, SECOND, 30 * SECOND),
        (MINUTE, 4 * MINUTE, 4 * MINUTE),  # twice as long after each look
        (30 * MINUTE, SECOND, 15 * MINUTE),
    ],
)
def test_looks_come_ever_less_often(ends: timedelta, waited: timedelta, looks: timedelta) -> None:
    assert look_after(Permits(holders=(holder("a", ends=ends),)), NOW - waited, NOW) == looks
