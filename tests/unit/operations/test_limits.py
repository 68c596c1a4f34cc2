"""Limits that somebody changed: in force until they are cleared, and in the audit."""

from datetime import timedelta

import pytest

from tests.unit.operations.ward import Ward, a_job_type
from workerless import Concurrency, RateLimit
from workerless.errors import JobStateError, OperationRefusedError
from workerless.flow.settings import STAGE, Override

SECOND = timedelta(seconds=1)
LIMITED = a_job_type(
    rate_limits=(RateLimit(10, per=SECOND, name="partner"),), concurrency_key=Concurrency(2)
)


@pytest.fixture
def ward() -> Ward:
    return Ward(LIMITED)


def test_limit_holds_for_every_job_type_until_it_is_cleared(ward: Ward) -> None:
    limits = ward.operations.limits

    done = limits.set("rate:partner", 2, why="they asked us to", per=60 * SECOND)
    limits.set("keys:visit", 0, why="stop")

    assert done == Override(
        by="ada", at=ward.clock.now(), why="they asked us to", limit=2, per=60 * SECOND
    )
    assert list(limits.list()) == ["rate:partner", "keys:visit"]
    assert ward.operations.flow.settings("visit").overrides["rate:partner"] == done
    assert limits.clear("rate:partner", why="over") == done
    assert list(limits.list()) == ["keys:visit"]
    audited = [(one.verb, one.on) for one in reversed(ward.operations.audit.list().items)]
    assert audited == [
        ("set limit", "rate:partner 2 per 0:01:00"),
        ("set limit", "keys:visit 0"),
        ("clear limit", "rate:partner"),
    ]


def test_later_word_takes_the_place_of_an_earlier_one(ward: Ward) -> None:
    ward.operations.limits.set("rate:partner", 2, why="x")
    ward.operations.limits.set("rate:partner", 3, why="x")

    (stage,) = ward.desk.settings.read_many([STAGE])
    assert [one.limit for one in stage.overrides.values()] == [3]


def test_limit_that_was_not_changed_cannot_be_cleared(ward: Ward) -> None:
    with pytest.raises(JobStateError, match="as it was declared"):
        ward.operations.limits.clear("rate:partner")


@pytest.mark.parametrize(
    ("name", "limit", "per", "why", "told"),
    [
        ("partner", 1, None, "x", "name must match"),
        (
            "rate:partnr",
            1,
            None,
            "x",
            "that of a limit, keys:visit, rate:partner, got 'rate:partnr'",
        ),
        ("rate:partner", -1, None, "x", "limit must be between 0 and 1000000"),
        ("keys:visit", 101, None, "x", "limit must be between 0 and 100 for keys:visit, got 101"),
        ("rate:partner", 1, SECOND / 2, "x", "per must be"),
        ("keys:visit", 1, SECOND, "x", "per must be"),
        ("rate:partner", 1, None, " ", "why must be 1 to 500 characters and not blank, got ' '"),
    ],
)
def test_limit_that_cannot_be_is_refused(
    *, ward: Ward, name: str, limit: int, per: timedelta | None, why: str, told: str
) -> None:
    with pytest.raises(OperationRefusedError, match=told):
        ward.operations.limits.set(name, limit, why=why, per=per)
    assert ward.operations.limits.list() == {}


def test_where_declarations_are_not_at_hand_any_name_may_be_meant(ward: Ward) -> None:
    ward.declared.clear()

    ward.operations.limits.set("rate:anything", 1, why="x")

    assert list(ward.operations.limits.list()) == ["rate:anything"]


def test_jobs_of_an_overridden_limit_run_at_its_pace(ward: Ward) -> None:
    ward.cure()
    ward.operations.limits.set("rate:partner", 0, why="they are down")
    for number in range(3):
        ward.stage.client.enqueue(LIMITED, ward.payload(number))
    ward.stage.advance(60 * SECOND)
    assert ward.ran == []

    ward.operations.limits.clear("rate:partner")
    ward.stage.run_all()

    assert sorted(ward.ran) == [0, 1, 2]
