"""Bulk operations under drivers that overlap, fail and die after any call."""

import os

from tests.simulation.drivers import Schedule, broken

_SCHEDULES = int(os.environ.get("BULK_SCHEDULES", "60"))


def test_no_job_is_lost_or_retried_twice_and_the_counts_are_right() -> None:
    for seed in range(_SCHEDULES):
        schedule = Schedule(seed)

        operation = schedule.run()

        assert broken(schedule, operation) == [], f"seed {seed}"
