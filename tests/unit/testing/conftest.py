"""An office, and a stage that its letters go through."""

from collections.abc import Iterator

import pytest

from tests.unit.testing.office import STAMP, Office
from workerless.testing.stage import InMemoryStage


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def stage(office: Office) -> Iterator[InMemoryStage]:
    """Runs letters; nobody runs stamps."""
    with InMemoryStage(office.worker, STAMP) as made:
        yield made
