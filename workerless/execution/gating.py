"""Which gates a job type has, and their order: the one place that knows it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workerless.execution.gate import Gate
from workerless.execution.gates.known import KnownSettings
from workerless.execution.gates.pause import PauseGate
from workerless.flow.settings import FlowSettings
from workerless.flow_ports import FlowStores
from workerless.frozen import replace
from workerless.job_type import JobType

if TYPE_CHECKING:
    from workerless.execution.gates.breaker import BreakerGate

type Settings = Callable[[datetime], FlowSettings]


def gates_of(job_type: JobType[Any, Any], stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of this type back: ended, paused, breaker, concurrency key, rate.

    A slot of a rate is asked for last of all, since only a start that follows at once uses it.
    """
    if not job_type.is_gated:
        return ()
    known = KnownSettings(stores.settings, job_type.name)
    breakers = _breakers(job_type, stores)
    keys = _keys(job_type, stores, known)
    rates = _rates(job_type, stores, _slowed(known, breakers))
    return (PauseGate(known), *breakers, *keys, *rates)


def tenant_gates_of(job_type: JobType[Any, Any], stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of a tenant back where ``gates_of`` has nothing."""
    return (PauseGate(KnownSettings(stores.settings, job_type.name)),)


def _keys(job_type: JobType[Any, Any], stores: FlowStores, known: KnownSettings) -> Iterator[Gate]:
    if not job_type.is_keyed:
        return
    from workerless.execution.gates.concurrency_key import concurrency_gate  # noqa: PLC0415 -- below

    yield concurrency_gate(job_type, stores, known.at)


def _breakers(job_type: JobType[Any, Any], stores: FlowStores) -> "tuple[BreakerGate, ...]":
    if not job_type.needs:
        return ()
    from workerless.execution.gates.breaker import BreakerGate  # noqa: PLC0415 -- who declares pays

    return tuple(BreakerGate(one, stores.breakers) for one in job_type.needs)


def _slowed(known: KnownSettings, breakers: "tuple[BreakerGate, ...]") -> Settings:
    """What is in force, and how fast the slowest dependency lets the limits be."""
    if not breakers:
        return known.at

    def at(now: datetime) -> FlowSettings:
        return replace(known.at(now), factor=min(one.share(now) for one in breakers))

    return at


def _rates(job_type: JobType[Any, Any], stores: FlowStores, settings: Settings) -> Iterator[Gate]:
    """The slowest limit first: where it has jobs wait outside, the others give no slot in vain."""
    if not job_type.rate_limits:
        return
    from workerless.execution.gates.rate import RateGate  # noqa: PLC0415 -- who declares pays

    for limit in sorted(job_type.rate_limits, key=lambda one: one.limit / one.per.total_seconds()):
        yield RateGate(limit, limit.named(job_type.name), stores.rates, settings)
