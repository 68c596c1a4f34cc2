"""A mill, and the stage that it works on."""

from collections.abc import Iterator

import pytest

from tests.unit.orchestration.mill import Mill
from workerless.testing.stage import InMemoryStage


@pytest.fixture
def mill() -> Mill:
    return Mill()


@pytest.fixture
def stage(mill: Mill) -> Iterator[InMemoryStage]:
    with mill.stage() as made:
        yield made
