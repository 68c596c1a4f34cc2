"""Which gates a job type has, and their order: the one place that knows it."""

from collections.abc import Iterator
from typing import Any

from workerless.execution.gate import Gate
from workerless.flow_ports import FlowStores
from workerless.job_type import JobType


def gates_of(job_type: JobType[Any, Any], stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of this type back: ended, paused, breaker, concurrency key, rate.

    A slot of a rate is asked for last of all, since only a start that follows at once uses it.
    """
    return tuple(_rates(job_type, stores)) if job_type.rate_limits else ()


def _rates(job_type: JobType[Any, Any], stores: FlowStores) -> Iterator[Gate]:
    """The slowest limit first: where it has jobs wait outside, the others give no slot in vain."""
    from workerless.execution.gates.rate import RateGate  # noqa: PLC0415 -- who declares pays
    from workerless.flow.settings import NO_SETTINGS  # noqa: PLC0415 -- as above

    for limit in sorted(job_type.rate_limits, key=lambda one: one.limit / one.per.total_seconds()):
        name = limit.named(job_type.name)
        yield RateGate(limit, name, stores.rates, lambda _now: NO_SETTINGS)
