"""What holds now, of all that people said about the flow of jobs."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.flow.settings import (
    NO_SETTINGS,
    FlowSettings,
    Override,
    Pause,
    look_again_after,
    read_settings,
    together,
    write_settings,
)
from workerless.frozen import replace
from workerless.testing.memory import FakeClock

NOW = FakeClock().now()
HOUR = timedelta(hours=1)


def a_pause(tenant: str | None = None, hours: float | None = None, why: str = "why") -> Pause:
    until = None if hours is None else NOW + hours * HOUR
    return Pause(by="ada", at=NOW, why=why, until=until, tenant=tenant)


@pytest.mark.parametrize(
    ("pause", "tenant", "after", "holds"),
    [
        (a_pause(), None, 10, True),
        (a_pause(), "acme", 10, True),
        (a_pause("acme"), "acme", 10, True),
        (a_pause("acme"), "globex", 0, False),
        (a_pause("acme"), None, 0, False),
        (a_pause(hours=1), "acme", 0.9, True),
        (a_pause(hours=1), "acme", 1, False),
    ],
)
def test_pause_holds_whom_it_names_until_its_time_is_over(
    pause: Pause, tenant: str | None, after: float, *, holds: bool
) -> None:
    settings = NO_SETTINGS.with_pause(pause)

    assert (settings.paused(NOW + after * HOUR, tenant=tenant) is not None) is holds


def test_pause_of_a_lane_holds_that_lane_alone() -> None:
    slow = Pause(by="ada", at=NOW, why="why", lane="slow")
    settings = NO_SETTINGS.with_pause(slow).with_pause(a_pause("acme"))

    assert settings.paused(NOW, lane="slow") == slow
    assert settings.paused(NOW, lane="fast") is None
    assert settings.paused(NOW) is None
    assert settings.pause_of(lane="slow") == slow
    assert [one.is_whole for one in settings.with_pause(a_pause()).pauses] == [False, False, True]


@pytest.mark.parametrize(
    ("looks", "lasts", "minutes"),
    [(0, None, 1), (1, None, 2), (5, None, 32), (6, None, 60), (10**9, None, 60), (9, 0.5, 30)],
)
def test_paused_job_is_looked_at_ever_less_often(
    looks: int, lasts: float | None, minutes: float
) -> None:
    assert look_again_after(looks, a_pause(hours=lasts), NOW) == minutes / 60 * HOUR


def test_of_several_pauses_the_longest_is_told() -> None:
    short, long, ever = a_pause(hours=1), a_pause("acme", hours=2), a_pause("acme")
    both = NO_SETTINGS.with_pause(long).with_pause(short)

    assert both.paused(NOW, tenant="acme") == long
    assert both.paused(NOW, tenant="globex") == short
    assert both.with_pause(ever).paused(NOW, tenant="acme") == ever


def test_later_pause_takes_the_place_of_an_earlier_one() -> None:
    paused = NO_SETTINGS.with_pause(a_pause()).with_pause(a_pause("acme"))

    again = paused.with_pause(a_pause("acme", why="another"))

    assert [one.why for one in again.pauses] == ["why", "another"]
    assert again.without_pause((None, None)).pauses == (a_pause("acme", why="another"),)


def test_job_type_is_held_by_its_own_word_and_by_the_stages() -> None:
    slow, slower = (Override(by="ada", at=NOW, why="x", limit=n) for n in (2, 1))
    stage = replace(NO_SETTINGS, overrides={"a": slow, "b": slow}).with_pause(a_pause("acme"))
    own = FlowSettings(overrides={"b": slower}, is_off=True, version=7).with_pause(a_pause())

    both = together(own, stage)

    assert both.pauses == (a_pause(), a_pause("acme"))
    assert both.overrides == {"a": slow, "b": slower}
    assert (both.is_off, both.version) == (True, 7)


MOMENTS = st.datetimes(timezones=st.just(NOW.tzinfo))
TEXTS = st.text(max_size=5)
PAUSES = st.builds(
    Pause,
    by=TEXTS,
    at=MOMENTS,
    why=TEXTS,
    until=st.none() | MOMENTS,
    lane=st.none() | TEXTS,
    tenant=st.none() | TEXTS,
)
OVERRIDES = st.builds(
    Override,
    by=TEXTS,
    at=MOMENTS,
    why=TEXTS,
    limit=st.integers(0, 10_000),
    per=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
)


@given(
    st.builds(
        FlowSettings,
        pauses=st.lists(PAUSES, max_size=3).map(tuple),
        overrides=st.dictionaries(TEXTS, OVERRIDES, max_size=3),
        is_off=st.booleans(),
        version=st.integers(0, 9),
    )
)
def test_what_is_written_is_read_back(settings: FlowSettings) -> None:
    assert read_settings(write_settings(settings), settings.version) == settings
