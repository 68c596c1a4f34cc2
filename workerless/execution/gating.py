"""Which gates a job type has, and their order: the one place that knows it."""

from collections.abc import Iterator
from typing import Any

from workerless.execution.gate import Gate
from workerless.execution.gates.known import KnownSettings
from workerless.execution.gates.pause import PauseGate
from workerless.flow_ports import FlowStores
from workerless.job_type import JobType


def gates_of(job_type: JobType[Any, Any], stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of this type back: ended, paused, breaker, concurrency key, rate.

    A slot of a rate is asked for last of all, since only a start that follows at once uses it.
    """
    if not job_type.is_gated:
        return ()
    known = KnownSettings(stores.settings, job_type.name)
    return (PauseGate(known), *_rates(job_type, stores, known))


def tenant_gates_of(job_type: JobType[Any, Any], stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of a tenant back where ``gates_of`` has nothing."""
    return (PauseGate(KnownSettings(stores.settings, job_type.name)),)


def _rates(job_type: JobType[Any, Any], stores: FlowStores, known: KnownSettings) -> Iterator[Gate]:
    """The slowest limit first: where it has jobs wait outside, the others give no slot in vain."""
    if not job_type.rate_limits:
        return
    from workerless.execution.gates.rate import RateGate  # noqa: PLC0415 -- who declares pays

    for limit in sorted(job_type.rate_limits, key=lambda one: one.limit / one.per.total_seconds()):
        yield RateGate(limit, limit.named(job_type.name), stores.rates, known.at)
