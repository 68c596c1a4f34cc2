"""lanes: what may be declared, what each lane's share is, and what a priority is called."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless import PRIORITIES, TIERS, JobType, Lanes, Payload, Priority, naming
from workerless.errors import DeclarationError
from workerless.flow.lanes import MAX_LANES
from workerless.priority import LANE, lane_of


class Task(Payload):
    """What a test has done."""


lane_names = st.from_regex(LANE, fullmatch=True).filter(lambda name: name != "dead")
some_lanes = st.dictionaries(lane_names, st.integers(1, 100), min_size=2, max_size=MAX_LANES).map(
    lambda weights: Lanes(weights, default=next(iter(weights)))
)


@given(some_lanes, st.integers(0, 980))
def test_shares_are_the_whole_and_none_is_below_the_floor(lanes: Lanes, more: int) -> None:
    concurrency = lanes.least_concurrency + more

    shares = lanes.shares(concurrency)

    assert list(shares) == list(lanes.weights)
    assert sum(shares.values()) == concurrency
    assert min(shares.values()) >= 2


@given(some_lanes, st.integers(0, 980))
def test_heavier_lanes_get_no_less_and_all_above_the_floor_get_their_part(
    lanes: Lanes, more: int
) -> None:
    shares = lanes.shares(lanes.least_concurrency + more)

    weights = lanes.weights
    assert all(
        shares[one] >= shares[other]
        for one in weights
        for other in weights
        if weights[one] > weights[other]
    )
    above = {name: share for name, share in shares.items() if share > 2}
    unit = sum(above.values()) / (sum(weights[name] for name in above) or 1)
    assert all(abs(share - unit * weights[name]) < 2 for name, share in above.items())


@pytest.mark.parametrize(
    ("lanes", "concurrency", "shares"),
    [
        (PRIORITIES, 8, [2, 2, 2, 2]),
        (PRIORITIES, 10, [3, 3, 2, 2]),
        (PRIORITIES, 20, [8, 6, 4, 2]),
        (PRIORITIES, 100, [40, 30, 20, 10]),
        (TIERS, 8, [4, 2, 2]),
        (TIERS, 10, [5, 3, 2]),
        (TIERS, 20, [10, 6, 4]),
        (TIERS, 100, [50, 30, 20]),
    ],
)
def test_presets_share_as_the_page_says(lanes: Lanes, concurrency: int, shares: list[int]) -> None:
    assert list(lanes.shares(concurrency).values()) == shares


def test_shares_of_too_little_are_refused() -> None:
    with pytest.raises(ValueError, match="concurrency must be 8 or more"):
        PRIORITIES.shares(7)


@pytest.mark.parametrize(
    ("weights", "default", "message"),
    [
        ({"one": 1}, "one", "lanes must be 2 to 10, got 1"),
        ({f"l{number}": 1 for number in range(11)}, "l0", "lanes must be 2 to 10, got 11"),
        ({"Vip": 1, "rest": 1}, "rest", "lower-case letters and digits.*got 'Vip'"),
        ({"a_b": 1, "rest": 1}, "rest", "got 'a_b'"),
        ({"a" * 17: 1, "rest": 1}, "rest", "1 to 16"),
        ({"dead": 1, "rest": 1}, "rest", "not 'dead'"),
        ({1: 1, "rest": 1}, "rest", "got 1"),
        ({"vip": 0, "rest": 1}, "rest", "weight of lane vip must be an integer from 1 to 100"),
        ({"vip": 101, "rest": 1}, "rest", "got 101"),
        ({"vip": True, "rest": 1}, "rest", "got True"),
        ({"vip": 1, "rest": 1}, "none", "default must be one of the lanes vip, rest, got 'none'"),
    ],
)
def test_lanes_that_cannot_be_are_refused(
    weights: Mapping[Any, Any], default: str, message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        Lanes(weights, default=default)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lanes": "priorities"}, "task: lanes must be None, PRIORITIES, TIERS or a Lanes"),
        ({"lanes": PRIORITIES}, "task: concurrency must be at least 8 with 4 lanes.*got 5"),
        ({"lanes": TIERS, "concurrency": 5}, "at least 6 with 3 lanes"),
    ],
)
def test_job_type_that_cannot_have_its_lanes_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        JobType(name="task", payload=Task, **fields)


@pytest.mark.parametrize("priority", Priority)
def test_a_priority_is_named_by_itself_its_number_and_its_name(priority: Priority) -> None:
    named = {lane_of(priority), lane_of(priority.value), lane_of(priority.lane)}

    assert named == {priority.lane}
    assert priority.lane in PRIORITIES.weights


@pytest.mark.parametrize("priority", [0, 2, 21, -1, True, "CRITICAL", "urgent", ""])
def test_other_priorities_are_refused_naming_those_there_are(priority: int | str) -> None:
    with pytest.raises(ValueError, match=r"critical \(1\), high \(5\), normal \(10\), low \(20\)"):
        lane_of(priority)


@given(lane_names)
def test_the_longest_name_of_a_lanes_queue_fits_and_tells_its_lane(lane: str) -> None:
    name = naming.lane_queue("s" * 8, "j" * 40, lane)

    assert len(name) <= 80
    assert naming.lane_in(name) == lane
    assert not name.endswith("-dead")
    assert naming.lane_in(naming.resource("prod", "user.welcome")) is None
