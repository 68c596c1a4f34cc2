"""What ``workerless cost`` charges for is what jobs take, counted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.budgets.conftest import MeteredBench
from tests.budgets.test_budgets import echo, run
from tests.unit.execution.bench import TASK, Task
from workerless.operations.cost import RETRY_WRITE_UNITS, SWEEP_READ_UNITS, WRITE_UNITS
from workerless.tracking import Tracking

JOBS = 20


@pytest.mark.parametrize("tracking", Tracking)
def test_writes_of_a_job_are_those_charged_for(
    make_metered: Callable[..., MeteredBench], tracking: Tracking
) -> None:
    result = None if tracking is Tracking.OFF else TASK.result
    bench = make_metered(job_type=replace(TASK, tracking=tracking, result=result))

    run(bench, echo if result else lambda _payload: None, jobs=JOBS)

    assert WRITE_UNITS[tracking] - 1 < bench.meter.units / JOBS <= WRITE_UNITS[tracking] or (
        WRITE_UNITS[tracking] == bench.meter.units == 0
    )


@pytest.mark.parametrize("tracking", [Tracking.FULL, Tracking.LEAN])
def test_writes_of_a_retry_are_those_charged_for(
    make_metered: Callable[..., MeteredBench], tracking: Tracking
) -> None:
    job_type = replace(TASK, tracking=tracking)
    plain, retried = make_metered(job_type=job_type), make_metered(job_type=job_type)
    failed: set[str] = set()

    def fails_once(payload: Task) -> object:
        if payload.text not in failed:
            failed.add(payload.text)
            raise ConnectionError
        return echo(payload)

    run(plain, echo, jobs=JOBS)
    run(retried, fails_once, jobs=JOBS)

    more = (retried.meter.units - plain.meter.units) / JOBS
    assert more <= RETRY_WRITE_UNITS[tracking]


def test_sweep_of_an_idle_stage_reads_no_more_than_is_charged_for(
    make_metered: Callable[..., MeteredBench],
) -> None:
    bench = make_metered()

    bench.sweep()

    assert bench.requests()["Query"] <= SWEEP_READ_UNITS  # each at most a unit: it finds nothing
