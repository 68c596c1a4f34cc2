"""Fixtures: a bench, or a maker of benches for other job types."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.execution.bench import Bench, Done
from tests.unit.execution.unreliable import UnreliableBlobs


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**options: Any) -> Bench:
        made.append(Bench(**options))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture
def files(bench: Bench) -> UnreliableBlobs:
    bench.handle(lambda task: Done(text=task.text))
    return bench.blobs
