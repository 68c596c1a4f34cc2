"""The bound that moves: its laws, what may be declared, and how a stack's word of it is read."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless import Autoscale, JobType, Payload
from workerless.errors import DeclarationError
from workerless.flow.autoscale import Scale, read_scale
from workerless.flow.lanes import TIERS

MINUTE = timedelta(minutes=1)
LONG = timedelta(hours=5)
RULE = Autoscale(least=2, jobs_each=30, older_than=5 * MINUTE, down_after=10 * MINUTE)
SCALE = Scale(rule=RULE, most=20)


class Input(Payload):
    """What is to be done."""


def declared(**fields: Any) -> JobType[Input, None]:
    return JobType(name="greet", payload=Input, **fields)


@pytest.mark.parametrize(
    ("present", "unfinished", "oldest", "unchanged", "bound"),
    [
        (2, 0, None, LONG, 2),  # nothing to do
        (2, 60, None, MINUTE, 2),  # as many as are meant for two
        (2, 61, None, MINUTE, 3),  # one more, at once
        (2, 6_000, None, timedelta(0), 20),  # no more than the most
        (20, 61, None, 9 * MINUTE, 20),  # not yet down
        (20, 61, None, 10 * MINUTE, 3),  # and now
        (20, 0, None, LONG, 2),  # no less than the least
        (4, 10, 6 * MINUTE, MINUTE, 8),  # few, and late
        (4, 300, 6 * MINUTE, MINUTE, 10),  # more are needed than twice as many
        (16, 10, 6 * MINUTE, LONG, 20),
        (4, 120, 5 * MINUTE, MINUTE, 4),  # not late yet
        (50, 60, None, MINUTE, 20),  # somebody set it above the most
        (50, 6_000, None, LONG, 20),
        (1, 0, None, MINUTE, 2),
    ],
)
def test_bound_follows_what_waits(
    present: int,
    unfinished: int,
    oldest: timedelta | None,
    unchanged: timedelta,
    bound: int,
) -> None:
    found = SCALE.bound(present, unfinished=unfinished, oldest=oldest, unchanged=unchanged)

    assert found == bound


def test_age_does_not_matter_where_the_rule_names_none() -> None:
    scale = Scale(rule=Autoscale(), most=20)

    assert scale.bound(4, unfinished=120, oldest=LONG, unchanged=MINUTE) == 4


@given(
    present=st.integers(1, 1_000),
    unfinished=st.integers(0, 200_000),
    more=st.integers(0, 10_000),
    minutes=st.integers(0, 30),
    age=st.none() | st.integers(0, 3_600),
    least=st.integers(2, 40),
    most=st.integers(2, 1_000),
)
def test_bound_keeps_its_range_comes_to_rest_and_grows_with_what_waits(
    *,
    present: int,
    unfinished: int,
    more: int,
    minutes: int,
    age: int | None,
    least: int,
    most: int,
) -> None:
    rule = Autoscale(least=least, older_than=5 * MINUTE)
    scale = Scale(rule=rule, most=most)
    oldest = None if age is None else timedelta(seconds=age)
    unchanged = minutes * MINUTE

    def bound(present: int, unfinished: int, oldest: timedelta | None = oldest) -> int:
        return scale.bound(present, unfinished=unfinished, oldest=oldest, unchanged=unchanged)

    found = bound(present, unfinished)

    assert scale.least <= found <= most
    assert bound(present, unfinished + more) >= found
    assert unchanged >= rule.down_after or found >= min(present, most)
    at_rest = bound(found, unfinished, None)
    assert bound(at_rest, unfinished, None) == at_rest


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"least": 1}, "least must be 2 or more, got 1"),
        ({"least": 2.5}, "least must be 2 or more, got 2.5"),
        ({"jobs_each": 0}, "jobs_each must be 1 or more, got 0"),
        ({"older_than": timedelta(seconds=59)}, "older_than must be between 0:01:00 and 1 day"),
        ({"down_after": timedelta(days=2)}, "down_after must be between 0:01:00 and 1 day"),
    ],
)
def test_rule_that_cannot_be_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        Autoscale(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"autoscale": 7}, "greet: autoscale must be None or an Autoscale, got 7"),
        ({"autoscale": RULE, "concurrency": 2}, "concurrency must be above the 2 .* got 2"),
        ({"autoscale": RULE, "concurrency": 20, "lanes": TIERS}, "must be None with lanes"),
    ],
)
def test_job_type_that_cannot_be_scaled_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        declared(**fields)


def test_job_type_has_the_rule_it_declares() -> None:
    assert declared(autoscale=RULE, concurrency=3).autoscale == RULE


@pytest.mark.parametrize("rule", [RULE, Autoscale()])
def test_what_a_stack_publishes_is_read_again(rule: Autoscale) -> None:
    scale = Scale(rule=rule, most=20)

    assert read_scale(scale.published()) == scale


def test_stage_may_leave_less_than_the_least() -> None:
    scale = Scale(rule=Autoscale(least=10), most=5)

    assert scale.least == 5
    assert scale.bound(20, unfinished=0, oldest=None, unchanged=MINUTE) == 5
