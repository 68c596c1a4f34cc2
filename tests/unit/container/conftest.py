"""Fixtures: a bench, and pauses for it."""

from collections.abc import Callable, Iterator

import pytest

from tests.unit.execution.bench import Bench
from workerless.flow.settings import Pause


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


@pytest.fixture
def make_pause(bench: Bench) -> Callable[[], Pause]:
    return lambda: Pause(by="me", why="a test", at=bench.clock.now())
