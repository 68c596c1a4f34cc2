"""rate: what a rate limit may say, and what one job asks of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workerless import JobType, Payload, RateLimit, Tracking
from workerless.errors import DeclarationError
from workerless.flow.settings import Override
from workerless.flow.wish import Wish, wish_of

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Call(Payload):
    """Call somebody's API."""

    customer: str | None = "c1"
    rows: int = 1
    region: str = "eu"


def declared(*limits: Any, **fields: Any) -> JobType[Any, Any]:
    return JobType(name="call", payload=Call, rate_limits=limits, **fields)


def wished(
    limit: RateLimit, call: Call | None = None, *, override: Override | None = None, **options: Any
) -> Wish | None:
    options = {"job_id": "job-1", "tenant": "acme", **options}
    return wish_of(limit, "calls", call or Call(), override=override, **options)


def overridden(limit: int, per: timedelta | None = None) -> Override:
    return Override(by="ada", at=datetime(2026, 1, 1, tzinfo=UTC), why="x", limit=limit, per=per)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"limit": 0}, "limit must be between 1 and 1000000, got 0"),
        ({"per": SECOND / 2}, "per must be between 0:00:01 and 31 days, 0:00:00, got"),
        ({"per": timedelta(days=32)}, "per must be between"),
        ({"burst": 11}, "burst must be between 1 and 10, got 11"),
        ({"points": 11}, "points must be between 1 and 10, got 11"),
        ({"points": 0}, "points must be between 1 and 10, got 0"),
        ({"name": "A b"}, "name must be 1 to 80 lower-case letters"),
        ({"key": lambda call: call.region}, "name must be given where key is a function"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(fields: dict[str, Any], said: str) -> None:
    values = {"limit": 10, "per": SECOND, **fields}

    with pytest.raises(DeclarationError, match="a rate limit's " + said):
        RateLimit(values.pop("limit"), **values)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (("ten a second",), "a tuple of RateLimit, got"),
        ((RateLimit(1, per=SECOND, key="colour"),), r"a key that is 'tenant', a function from"),
        ((RateLimit(1, per=SECOND, points="size"),), r"a payload field \(customer, rows, region\)"),
        ((RateLimit(1, per=SECOND), RateLimit(9, per=MINUTE)), "different names"),
        (tuple(RateLimit(1, per=SECOND, name=f"n{one}") for one in range(5)), "at most 4"),
    ],
)
def test_a_job_type_is_refused_limits_that_it_cannot_have(
    limits: tuple[Any, ...], said: str
) -> None:
    with pytest.raises(DeclarationError, match=f"call: rate_limits must be .*{said}"):
        declared(*limits)


def test_an_untracked_job_type_has_no_limits() -> None:
    with pytest.raises(DeclarationError, match="empty with tracking off"):
        declared(RateLimit(1, per=SECOND), tracking=Tracking.OFF)


def test_only_who_declares_a_limit_has_gates() -> None:
    assert declared(RateLimit(1, per=SECOND)).is_gated
    assert not declared().is_gated


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        (RateLimit(1, per=SECOND), "call"),
        (RateLimit(1, per=SECOND, key="customer"), "call.customer"),
        (RateLimit(1, per=SECOND, key="customer", name="stripe"), "stripe"),
    ],
)
def test_a_limit_is_named_after_its_job_type_unless_it_has_a_name(
    limit: RateLimit, name: str
) -> None:
    assert limit.named("call") == name


def test_each_value_of_a_key_has_a_limiter_that_does_not_tell_it() -> None:
    limit = RateLimit(1, per=SECOND, key="customer")

    found = [wished(limit, Call(customer=name)) for name in ("c1", "c2", "c1")]

    names = [one.limiter for one in found if one]
    assert names[0] == names[2] != names[1]
    assert not any("c1" in name for name in names)


def test_a_tenant_or_a_function_makes_a_key_too() -> None:
    by_tenant = RateLimit(1, per=SECOND, key="tenant")
    by_region = RateLimit(1, per=SECOND, key=lambda call: str(call.region), name="region")

    assert wished(by_tenant, tenant="a") != wished(by_tenant, tenant="b")
    assert wished(by_region, Call(region="eu")) != wished(by_region, Call(region="us"))


@pytest.mark.parametrize(
    ("limit", "call", "tenant"),
    [
        (RateLimit(1, per=SECOND, key="customer"), Call(customer=None), "a"),
        (RateLimit(1, per=SECOND, key="tenant"), Call(), None),
        (RateLimit(1, per=SECOND, key=lambda _call: None, name="none"), Call(), "a"),
    ],
)
def test_a_job_without_a_value_of_the_key_is_not_counted(
    limit: RateLimit, call: Call, tenant: str | None
) -> None:
    assert wished(limit, call, tenant=tenant) is None


def test_a_key_that_is_no_text_is_an_error() -> None:
    wrong: Any = lambda call: call.rows  # noqa: E731 -- mypy would not let it pass as a key
    limit = RateLimit(1, per=SECOND, key=wrong, name="rows")

    with pytest.raises(TypeError, match="a key must be text or None, got int"):
        wished(limit)


def test_where_all_jobs_cost_the_same_points_are_jobs() -> None:
    same, one = wished(RateLimit(10, per=SECOND, points=3)), wished(RateLimit(3, per=SECOND))

    assert same == one


def test_points_come_from_the_payload_and_must_fit() -> None:
    limit = RateLimit(10, per=SECOND, points="rows", burst=4)
    half = RateLimit(10, per=SECOND, points=lambda call: call.rows // 2)

    assert [one.points for one in (wished(limit, Call(rows=7)), wished(half, Call(rows=7))) if one]
    for rows, said in ((11, "points must fit into the limit of 10, got 11"), (0, "at least 1")):
        with pytest.raises(ValueError, match=said):
            wished(limit, Call(rows=rows))
    with pytest.raises(TypeError, match="points must be a whole number, got str"):
        wished(RateLimit(10, per=SECOND, points="region"))


def test_a_fast_limit_is_split_among_limiters_by_job() -> None:
    limit = RateLimit(2_000, per=SECOND)

    found = [wished(limit, job_id=f"job-{number}") for number in range(200)]

    parts = {one.limiter: one.pace.limit for one in found if one and one.pace}
    assert sorted(parts) == [f"calls#{shard}" for shard in range(4)]
    assert sum(parts.values()) == 2_000
    assert wished(limit, job_id="job-1") == found[1]


def test_an_override_holds_instead_of_what_is_declared() -> None:
    limit = RateLimit(10, per=MINUTE)

    assert wished(limit, override=overridden(5)) == wished(RateLimit(5, per=MINUTE))
    assert wished(limit, override=overridden(9, SECOND)) == wished(RateLimit(9, per=SECOND))


@pytest.mark.parametrize("points", [1, 5])
def test_nothing_starts_where_the_limit_is_overridden_with_less_than_a_job_costs(
    points: int,
) -> None:
    limit = RateLimit(10, per=SECOND, points=points)

    found = wished(limit, override=overridden(points - 1))

    assert found is not None
    assert found.pace is None
