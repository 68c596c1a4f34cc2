"""What a caller's job comes to where its type is unique. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from workerless.errors import EnqueueRefusedError
from workerless.flow.unique import Debounce, key_of
from workerless.job_type import JobType


def unique_key(
    job_type: JobType[Any, Any], data: Mapping[str, Any], tenant: str | None
) -> str | None:
    """What it has in common with its like; None of a job type that does not tell."""
    rule = job_type.unique
    return key_of(rule, job_type.name, data, tenant) if rule is not None else None


def longest_delay(job_type: JobType[Any, Any], delay: timedelta) -> timedelta:
    """How long it may wait first. Raises ``EnqueueRefusedError`` for a debounced one's delay."""
    if not isinstance(job_type.unique, Debounce):
        return delay
    if delay:
        raise EnqueueRefusedError(
            f"delay must be 0 s: {job_type.name} is debounced, got {delay}", field="delay"
        )
    return job_type.unique.wait
