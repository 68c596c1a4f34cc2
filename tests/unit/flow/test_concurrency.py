"""What a concurrency key may be."""

from typing import Any

import pytest

from workerless.errors import DeclarationError
from workerless.flow.concurrency import Concurrency, OnConflict


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


def test_limit_alone_is_one_key_for_all_jobs_of_the_type() -> None:
    only = Concurrency(1)

    assert (only.limit, only.key, only.group, only.on_conflict) == (1, None, None, OnConflict.WAIT)
