"""Which gates a job type has, and their order: the one place that knows it."""

from typing import Any

from workerless.execution.gate import Gate
from workerless.flow_ports import FlowStores
from workerless.job_type import JobType


def gates_of(_job_type: JobType[Any, Any], _stores: FlowStores) -> tuple[Gate, ...]:
    """What may hold jobs of this type back: ended, paused, breaker, concurrency key, rate.

    A slot of a rate is asked for last of all, since only a start that follows at once uses it.
    """
    return ()
