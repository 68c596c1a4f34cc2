"""How long a body that lies apart is kept."""

from datetime import timedelta

import pytest

from workerless.retention import outgrows_its_body
from workerless.testing.clock import START
from workerless.testing.sample import a_record

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("was", "becomes", "grows"),
    [(0, 6, False), (0, 7, True), (6, 8, True), (8, 13, False), (8, 14, True), (30, 1, False)],
)
def test_body_is_kept_for_longer_once_a_week(was: int, becomes: int, *, grows: bool) -> None:
    record = a_record(run_at=START + was * DAY)

    assert outgrows_its_body(record, START + becomes * DAY) is grows
