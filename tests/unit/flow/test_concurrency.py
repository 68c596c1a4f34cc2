"""What a concurrency key may be."""

from dataclasses import replace
from typing import Any

import pytest

from workerless import JobType, Payload, Tracking
from workerless.errors import DeclarationError
from workerless.flow.concurrency import Concurrency, OnConflict, counted_with, rule_of


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"limit": 0}, "limit must be between 1 and 100, got 0"),
        ({"limit": 101}, "limit must be between 1 and 100, got 101"),
        ({"limit": 1, "on_conflict": "wait_for_it"}, "on_conflict must be one of OnConflict.WAIT"),
        ({"limit": 2, "on_conflict": OnConflict.CANCEL_OLD}, "limit must be 1 with on_conflict"),
        ({"limit": 1, "group": ""}, "group must be None or a name"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(told: dict[str, Any], field: str) -> None:
    with pytest.raises(DeclarationError, match=field):
        Concurrency(**told)


class Visit(Payload):
    """A page to visit."""

    url: str


VISIT = JobType(name="visit", payload=Visit)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"concurrency_key": 1}, "concurrency_key must be None or a Concurrency, got 1"),
        ({"concurrency_key": Concurrency(1), "concurrency": 1}, "concurrency must be at least 2"),
        (
            {"concurrency_key": Concurrency(1), "tracking": Tracking.OFF},
            "concurrency_key must be None with tracking off: who waits needs a record",
        ),
        (
            {"concurrency": 1, "tracking": Tracking.OFF},
            "concurrency must be at least 2 with tracking off",
        ),
        (
            {"concurrency_key": Concurrency(1, key="uri")},
            r"concurrency_key's key must be 'tenant', .* a payload field \(url\), got 'uri'",
        ),
    ],
)
def test_job_type_refuses_what_its_key_cannot_be(told: dict[str, Any], words: str) -> None:
    with pytest.raises(DeclarationError, match=f"visit: {words}"):
        replace(VISIT, **told)


def test_one_invocation_means_one_job() -> None:
    assert rule_of(replace(VISIT, concurrency=1)) == Concurrency(1)
    assert rule_of(VISIT) is None


def test_members_of_a_group_know_each_other() -> None:
    bank = Concurrency(2, group="bank")
    one, two = (replace(VISIT, name=name, concurrency_key=bank) for name in ("one", "two"))

    assert counted_with(one, [VISIT, one, two]) == [two]
    assert counted_with(VISIT, [VISIT, one, two]) == []


def test_members_of_a_group_have_one_limit() -> None:
    one, two = (
        replace(VISIT, name=f"v{limit}", concurrency_key=Concurrency(limit, group="bank"))
        for limit in (1, 2)
    )

    with pytest.raises(DeclarationError, match="same limit, got 1 in v1 and 2 in v2"):
        counted_with(one, [one, two])


def test_limit_alone_is_one_key_for_all_jobs_of_the_type() -> None:
    only = Concurrency(1)

    assert (only.limit, only.key, only.group, only.on_conflict) == (1, None, None, OnConflict.WAIT)
