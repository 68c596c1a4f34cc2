"""Uniqueness as declared: what cannot be is refused there, in words that help."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from workerless import Debounce, JobType, OnDuplicate, Payload, Tracking, Unique, Until
from workerless.errors import DeclarationError

MINUTE = timedelta(minutes=1)


class Sync(Payload):
    """Bring a user up to date."""

    user: str
    page: int = Field(default=1, alias="pageNumber")


def declared(**fields: Any) -> JobType[Sync]:
    return JobType(**{"name": "sync", "payload": Sync, **fields})


@pytest.mark.parametrize(
    "rule",
    [
        Unique(),
        Unique(by=("user", "pageNumber")),
        Unique(until=Until.WINDOW_OVER, within=timedelta(days=1)),
        Unique(until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST),
        Debounce(wait=MINUTE, by=("user",), max_delay=MINUTE),
    ],
)
def test_job_type_says_which_jobs_are_alike(rule: Any) -> None:
    assert declared(unique=rule).unique == rule


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Unique(by=()), "by"),
        (lambda: Unique(by=("user", "user")), "by"),
        (lambda: Unique(by="user"), "by"),  # type: ignore[arg-type]
        (lambda: Unique(within=timedelta(0)), "within"),
        (lambda: Unique(until=Until.WINDOW_OVER), "within"),
        (lambda: Unique(on_duplicate=OnDuplicate.REPLACE), "until must be STARTED"),
        (lambda: Unique(until="start"), r"until must be one of Until\.STARTED, .* got 'start'"),  # type: ignore[arg-type]
        (lambda: Unique(on_duplicate="reject"), r"on_duplicate must be one of OnDuplicate\.REJ"),  # type: ignore[arg-type]
        (lambda: Debounce(wait=timedelta(0)), "wait"),
        (lambda: Debounce(wait=MINUTE, max_delay=MINUTE / 2), "max_delay"),
        (lambda: declared(unique="user"), "unique"),
        (lambda: declared(unique=Debounce(wait=MINUTE), expires_in=MINUTE), "a wait below 0:01:00"),
        (lambda: declared(unique=Debounce(wait=timedelta(days=9999))), "a wait below 3650 days"),
        (lambda: declared(unique=Unique(by=("page",))), r"by fields of the payload \(user, pageN"),
        (lambda: declared(unique=Unique(), tracking=Tracking.LEAN), "tracking lean"),
        (
            lambda: declared(unique=Unique(until=Until.WINDOW_OVER, within=timedelta(days=2))),
            "within 1 day",
        ),
        (
            lambda: declared(
                unique=Unique(until=Until.WINDOW_OVER, within=timedelta(days=31)),
                completed_retention=timedelta(days=90),
                failed_retention=timedelta(days=90),
            ),
            "within 30 days",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(make: Any, named: str) -> None:
    with pytest.raises(DeclarationError, match=named):
        make()
