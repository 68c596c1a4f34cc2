"""What many jobs tell together."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workerless.operations.statistic import error_rate, per_minute, percentile, spread

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

values = st.lists(st.floats(0, 1e9), min_size=1, max_size=200)
durations = st.lists(st.timedeltas(timedelta(0), timedelta(days=1)), min_size=1, max_size=200)


@given(numbers=values, percent=st.integers(1, 100))
def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    numbers: list[float], percent: int
) -> None:
    ordered = sorted(numbers)

    found = percentile(ordered, percent)

    assert found in ordered
    assert sum(one <= found for one in ordered) * 100 >= percent * len(ordered)
    assert sum(one < found for one in ordered) * 100 < percent * len(ordered)


@given(some=durations)
def test_percentiles_rise_between_the_extremes(some: list[timedelta]) -> None:
    told = spread(some)

    assert told.p50 is not None
    assert told.p95 is not None
    assert told.p99 is not None
    assert told.avg is not None
    ordered = [one / timedelta(milliseconds=1) for one in sorted(some)]
    assert ordered[0] <= told.p50 <= told.p95 <= told.p99 <= ordered[-1]
    assert ordered[0] - 0.001 <= told.avg <= ordered[-1] + 0.001


@given(some=durations)
def test_order_of_jobs_makes_no_difference(some: list[timedelta]) -> None:
    assert spread(some) == spread(list(reversed(some)))


def test_hundred_jobs_of_one_to_hundred_milliseconds() -> None:
    told = spread([timedelta(milliseconds=n) for n in range(1, 101)])

    assert (told.avg, told.p50, told.p95, told.p99) == (50.5, 50, 95, 99)


def test_of_no_job_nothing_is_told() -> None:
    assert spread([]).avg is None


def test_clocks_that_disagree_count_as_no_time() -> None:
    assert spread([-SECOND]).p99 == 0


@given(ages=st.lists(st.integers(0, 600)))
def test_throughput_is_what_ended_in_the_last_minute(ages: list[int]) -> None:
    ends = [NOW - age * SECOND for age in ages]

    assert per_minute(ends, NOW, is_all=True) == sum(age < 60 for age in ages)


def test_throughput_beyond_the_sample_goes_by_its_pace() -> None:
    ends = [NOW - n * SECOND / 100 for n in range(1, 1_001)]

    assert per_minute(ends, NOW, is_all=False) == 6_000


@given(failed=st.integers(0, 1_000), completed=st.integers(0, 1_000))
def test_error_rate_is_judged_above_ten_jobs(failed: int, completed: int) -> None:
    rate = error_rate(failed, failed + completed)

    if failed + completed <= 10:
        assert rate is None
    else:
        assert rate is not None
        assert abs(rate - failed / (failed + completed)) <= 0.0001
