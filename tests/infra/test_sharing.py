"""What job types share by a name means the same to all of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.sharing import check_shared
from workerless import Concurrency, Dependency, JobType, Payload, RateLimit

SECOND = timedelta(seconds=1)
BANK = Dependency("bank", (OSError,))


class Nothing(Payload):
    """Has no fields."""


ONE = JobType(name="one", payload=Nothing)


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (
            {"rate_limits": (RateLimit(10, per=SECOND, name="api"),)},
            {"rate_limits": (RateLimit(20, per=SECOND, name="api"),)},
            "rate limit 'api' must have the same limit.*got 10 in one and 20 in two",
        ),
        (
            {"rate_limits": (RateLimit(10, per=SECOND),)},
            {"rate_limits": (RateLimit(10, per=60 * SECOND, name="one"),)},
            "rate limit 'one' must have the same per",
        ),
        (
            {"needs": (BANK,)},
            {"needs": (replace(BANK, failures=9),)},
            "dependency 'bank' must have the same failures.*got 5 in one and 9 in two",
        ),
        (
            {"concurrency": 1},
            {"concurrency_key": Concurrency(1, group="one")},
            "concurrency key 'one' must have the same group.*got None in one and one in two",
        ),
    ],
)
def test_one_name_means_one_thing(ours: dict[str, Any], theirs: dict[str, Any], told: str) -> None:
    one, two = replace(ONE, **ours), replace(ONE, name="two", **theirs)

    with pytest.raises(ValueError, match=told):
        check_shared([one, two])


def test_what_is_declared_once_is_shared() -> None:
    shared: dict[str, Any] = {
        "rate_limits": (RateLimit(10, per=SECOND, name="api"),),
        "needs": (BANK,),
        "concurrency_key": Concurrency(1, group="bank"),
    }
    others = replace(BANK, trips_on=(ValueError,))

    check_shared([ONE, *(replace(ONE, name=name, **shared) for name in ("two", "three"))])
    check_shared([replace(ONE, needs=(BANK,)), replace(ONE, name="two", needs=(others,))])
