"""Heartbeats: what was left is what is found, in memory and in a table."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from workerless.aws.pulse import DynamoPulses
from workerless.aws.table import Table
from workerless.pulse import GAP, Pulse, Pulses
from workerless.testing.memory import FakeClock
from workerless.testing.pulse import InMemoryPulses

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb"])
def pulses(
    request: pytest.FixtureRequest, dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> Pulses:
    if request.param == "memory":
        return InMemoryPulses()
    return DynamoPulses(Table(dynamodb, table, clock))


def test_nobody_has_been_alive_at_first(pulses: Pulses) -> None:
    assert pulses.last() is None


def test_heartbeats_without_a_gap_are_one_life(pulses: Pulses, clock: FakeClock) -> None:
    start = clock.now()

    pulses.beat(start)
    pulses.beat(start + MINUTE)
    pulses.beat(start + MINUTE + GAP)

    assert pulses.last() == Pulse(since=start, at=start + MINUTE + GAP)


def test_life_begins_anew_after_a_gap(pulses: Pulses, clock: FakeClock) -> None:
    pulses.beat(clock.now())
    late = clock.now() + GAP + MINUTE

    pulses.beat(late)

    assert pulses.last() == Pulse(since=late, at=late)
