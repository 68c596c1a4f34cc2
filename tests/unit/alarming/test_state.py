"""The tables of CloudWatch's user guide: what becomes of an alarm when points are missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.alarming.state import Missing, Rule, State, judge
from workerless.errors import WorkerlessError

OK, ALARM, NONE = State.OK, State.ALARM, State.INSUFFICIENT_DATA
KEPT = None


def rule(missing: Missing, *, datapoints: int = 3, periods: int = 3) -> Rule:
    return Rule(
        comparison="GreaterThanThreshold",
        threshold=1,
        periods=periods,
        datapoints=datapoints,
        missing=missing,
    )


def points(told: str) -> tuple[float | None, ...]:
    return tuple({"0": 0.0, "X": 2.0, "-": None}[sign] for sign in told)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize(
    ("told", "datapoints", "states"),  # taken as missing, ignore, breaching, notBreaching
    [
        ("0-X-X", 3, (OK, OK, OK, OK)),
        ("0----", 3, (OK, OK, OK, OK)),
        ("-----", 3, (NONE, KEPT, ALARM, OK)),
        ("0XX-X", 3, (ALARM, ALARM, ALARM, ALARM)),
        ("--X--", 3, (ALARM, KEPT, ALARM, OK)),
        ("0-X-X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("00X0X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("0-X--", 2, (OK, OK, ALARM, OK)),
        ("----0", 2, (OK, OK, ALARM, OK)),
        ("---X-", 2, (ALARM, KEPT, ALARM, OK)),
    ],
)
def test_missing_points_are_taken_as_the_guide_says(
    told: str, datapoints: int, states: tuple[State | None, ...], before: State
) -> None:
    ways = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)

    judged = [judge(points(told), rule(way, datapoints=datapoints), before) for way in ways]

    assert judged == [state or before for state in states]


def test_one_late_bad_point_is_too_little_to_ring_early() -> None:
    assert judge(points("----X"), rule(Missing.MISSING, datapoints=2), State.OK) is State.OK


@given(
    told=st.lists(st.sampled_from("0X"), min_size=3, max_size=6).map("".join),
    missing=st.sampled_from(Missing),
    datapoints=st.integers(1, 3),
)
def test_with_all_points_there_the_last_ones_are_counted(
    told: str, missing: Missing, datapoints: int
) -> None:
    judged = judge(points(told), rule(missing, datapoints=datapoints), State.INSUFFICIENT_DATA)

    assert judged is (ALARM if told[-3:].count("X") >= datapoints else OK)


@pytest.mark.parametrize(
    ("comparison", "at_threshold", "above"),
    [
        ("GreaterThanThreshold", OK, ALARM),
        ("GreaterThanOrEqualToThreshold", ALARM, ALARM),
        ("LessThanThreshold", OK, OK),
        ("LessThanOrEqualToThreshold", ALARM, OK),
    ],
)
def test_a_comparison_is_strict_where_it_says_so(
    comparison: str, at_threshold: State, above: State
) -> None:
    asked = Rule(
        comparison=comparison, threshold=5, periods=1, datapoints=1, missing=Missing.MISSING
    )

    assert judge((5.0,), asked, OK) is at_threshold
    assert judge((5.1,), asked, OK) is above


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises(WorkerlessError, match=r"comparison must be one of .*, got Near"):
        Rule(comparison="Near", threshold=5, periods=1, datapoints=1, missing=Missing.MISSING)
