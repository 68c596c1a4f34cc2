"""The fixtures ``jobs`` and ``job_clock``, and the marker ``jobs``, for pytest.

pytest loads this module in every run, so nothing else of the kit is imported before a test asks for
a fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from workerless.testing.clock import FakeClock
    from workerless.testing.stage import InMemoryStage

_MARKER = (
    "jobs(*members, inline=False, raise_failures=False): how the fixture `jobs` runs jobs; without "
    "members it has every job type of functions/"
)


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def job_clock() -> "FakeClock":
    """The clock of ``jobs``. It moves only when told to."""
    from workerless.testing.clock import FakeClock  # noqa: PLC0415 -- see above

    return FakeClock()


@pytest.fixture
def jobs(request: pytest.FixtureRequest, job_clock: "FakeClock") -> Iterator["InMemoryStage"]:
    """A stage in memory with the job types of ``functions/``; ``connect`` gives its client."""
    from workerless.testing.stage import InMemoryStage  # noqa: PLC0415 -- see above

    marker = request.node.get_closest_marker("jobs")
    members, options = (marker.args, marker.kwargs) if marker else ((), {})
    made = (
        InMemoryStage(*members, clock=job_clock, **options)
        if members
        else InMemoryStage.of_checkout(request.config.rootpath, clock=job_clock, **options)
    )
    with made, made.connected():
        yield made
