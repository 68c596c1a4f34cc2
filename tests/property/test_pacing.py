"""The law of a rate limit, whoever asks, in whatever order, with whatever clock."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.flow.pacing import (
    Pace,
    Stand,
    Step,
    asking,
    is_place,
    may,
    moment_of,
    pace_of,
    step_of,
    stepped,
)
from workerless.flow.shares import in_jobs, shards_of, share
from workerless.frozen import replace

SECOND_US = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Look:
    """One job asks: a while after the one before, by a clock that is off, with what it knew.

    ``late`` is how far after its slot it starts, in parts of what is allowed; None: it never does.
    """

    after_us: int
    points: int
    skew: float
    late: float | None
    is_back: bool
    remembers: int


@dataclass(frozen=True, kw_only=True)
class Started:
    at: int
    points: int


looks = st.builds(
    Look,
    after_us=st.sampled_from([0, 0, 0, 0, 30_000, 400_000, 9 * SECOND_US]),
    points=st.sampled_from([1, 1, 1, 2, 6]),
    skew=st.sampled_from([-1, 1, 1, 0.3]),
    late=st.sampled_from([0, 0, 1, 0.5, None]),
    is_back=st.booleans(),
    remembers=st.integers(0, 2),
)


def played(pace: Pace, per_us: int, script: list[Look]) -> list[Started]:
    """All starts of ``script``. Clocks are off by up to a hundredth of ``per``, either way."""
    stands: list[Stand | None] = [None]
    started: list[Started] = []
    now = 10**15
    for look in script:
        now += look.after_us
        skew = round(look.skew * per_us / 100)
        ask = asking(pace, look.points, now + skew, is_back=look.is_back)
        step = step_of(stands[-1 - min(look.remembers, len(stands) - 1)], ask)
        if not may(stands[-1], step, ask):
            step = step_of(stands[-1], ask)
        assert may(stands[-1], step, ask)
        after = stepped(stands[-1], step, ask)
        stands.append(after)
        if not is_place(step) and look.late is not None:
            slot = moment_of(after, step, ask)
            at = max(slot + int(look.late * pace.late_us), ask.now)
            started.append(Started(at=at - skew, points=look.points))
    return started


def most_in_a_window(started: list[Started], per_us: int) -> int:
    """The points of the fullest half-open window of this length."""
    return max(
        (
            sum(one.points for one in started if first.at <= one.at < first.at + per_us)
            for first in started
        ),
        default=0,
    )


@given(
    limit=st.integers(6, 12),
    per=st.sampled_from([1, 3]),
    burst=st.sampled_from([1, 1, 2, 6]),
    factor=st.sampled_from([1.0, 0.5]),
    script=st.lists(looks, min_size=12, max_size=60),
)
def test_no_window_holds_more_than_the_limit(
    limit: int, per: int, burst: int, factor: float, script: list[Look]
) -> None:
    """Most scripts press: job upon job, at the edges of what clocks and calls are allowed."""
    pace = pace_of(limit, timedelta(seconds=per), burst, factor)

    started = played(pace, per * SECOND_US, script)

    assert most_in_a_window(started, per * SECOND_US) <= limit


@given(
    limit=st.integers(1, 40), points=st.integers(1, 7), burst=st.integers(1, 9), skew=st.booleans()
)
def test_jobs_of_one_price_use_all_of_the_limit_and_no_more(
    limit: int, points: int, burst: int, *, skew: bool
) -> None:
    jobs, at_once = in_jobs(limit, burst, points)
    if jobs == 0:
        return
    pace = pace_of(jobs, timedelta(seconds=1), at_once)
    script = [
        Look(after_us=0, points=1, skew=skew, late=0, is_back=True, remembers=0)
        for _ in range(3 * jobs)
    ]

    started = played(pace, SECOND_US, script)

    assert most_in_a_window(started, SECOND_US) * points <= limit
    assert len(started) >= min(jobs, 2 * (jobs - at_once))


@given(limit=st.integers(1, 100_000), seconds=st.integers(1, 100))
def test_shards_share_the_limit_and_none_is_asked_too_often(limit: int, seconds: int) -> None:
    shards = shards_of(limit, timedelta(seconds=seconds))
    shares = [share(limit, shard, shards) for shard in range(shards)]

    assert sum(shares) == limit
    assert max(shares) - min(shares) <= 1
    assert min(shares) >= 1
    assert shards == 1 or max(shares) <= 500 * seconds + 1


@pytest.mark.parametrize("burst", [1, 5])
def test_a_pause_lets_only_a_burst_start_at_once(burst: int) -> None:
    pace = pace_of(10, timedelta(seconds=1), burst)
    look = Look(after_us=0, points=1, skew=0, late=0, is_back=False, remembers=0)

    started = played(pace, SECOND_US, [look] * 8)

    first = started[0].at
    assert sum(one.at == first for one in started) == burst


@given(
    stand=st.none()
    | st.builds(
        Stand, taken=st.integers(0, 100), line=st.integers(0, 100), interval=st.integers(1, 20)
    ),
    now=st.integers(0, 100),
    is_back=st.booleans(),
)
def test_what_is_said_to_be_done_may_be_done(
    stand: Stand | None, now: int, *, is_back: bool
) -> None:
    pace = Pace(limit=10, burst=1, interval_us=7, late_us=1)
    ask = asking(pace, 1, now, is_back=is_back, seen=stand)

    assert may(stand, step_of(stand, ask), ask)


@pytest.mark.parametrize(("limit", "after"), [(10, 2.1), (100, 0.02)])
def test_slots_that_nobody_comes_back_for_are_open_to_all_until_somebody_does(
    limit: int, after: float
) -> None:
    pace = pace_of(limit, timedelta(seconds=1), 1)
    now = 10**15
    ghosts = Stand(taken=now, line=now + 10**12, interval=pace.interval_us)
    ask = asking(pace, 1, now + round(after * SECOND_US), is_back=False)
    back = asking(pace, 1, ask.now, is_back=True)

    early = step_of(ghosts, asking(pace, 1, now - 1, is_back=False))
    first = step_of(ghosts, ask)
    opened = stepped(ghosts, first, ask)
    second = step_of(opened, ask)
    closed = stepped(stepped(opened, second, ask), step_of(opened, back), back)
    third = step_of(closed, ask)

    assert [early, first, second, third] == [Step.QUEUE, Step.OPEN, Step.PASS, Step.QUEUE]


@given(
    limit=st.integers(1, 500),
    taken=st.integers(-5_000_000, 5_000_000),
    line=st.integers(0, 5_000_000),
)
def test_a_new_job_of_a_key_sleeps_in_no_function(limit: int, taken: int, line: int) -> None:
    """Who sleeps keeps other keys' jobs waiting; who comes back sleeps for its slot at most 2 s."""
    pace = pace_of(limit, timedelta(seconds=10), 1, is_keyed=True)
    now = 1_000 * SECOND_US
    stand = Stand(taken=now + taken, line=now + taken + line, interval=pace.interval_us)

    ask = asking(pace, 1, now, is_back=False)
    step = step_of(stand, ask)

    if not is_place(step):
        assert moment_of(stepped(stand, step, ask), step, ask) <= now + 10_000


@pytest.mark.parametrize(("limit", "ahead"), [(100, 0.4), (10, 4), (1, 40)])
def test_another_pace_shortens_or_stretches_what_lies_ahead(limit: int, ahead: float) -> None:
    now = 10**15
    before = pace_of(10, timedelta(seconds=1), 1)
    stand = Stand(taken=now - 5, line=now + 4 * SECOND_US, interval=before.interval_us)
    pace = pace_of(limit, timedelta(seconds=1), 1)
    ask = asking(pace, 1, now, is_back=False, seen=stand)

    step = step_of(stand, ask)

    assert (step is Step.REPACE) == (limit != 10)
    if step is Step.REPACE:
        after = stepped(stand, step, ask)
        assert after == Stand(
            taken=now - 5, line=now + round(ahead * SECOND_US), interval=pace.interval_us
        )
        assert step_of(after, replace(ask, seen=after)) is not Step.REPACE
