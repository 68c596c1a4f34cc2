"""What most tests of operators begin with."""

import pytest

from tests.unit.operations.ward import Ward


@pytest.fixture
def ward() -> Ward:
    return Ward()
