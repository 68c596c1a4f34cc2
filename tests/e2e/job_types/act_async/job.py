"""Async jobs that wait together, or misbehave among each other."""

from datetime import timedelta
from typing import Literal

from workerless import Fixed, JobType, Payload, Result


class ActAsync(Payload):
    """Waits ``seconds``, then does ``deed``."""

    seconds: float = 0.0
    deed: Literal["return", "raise", "system_exit", "sleep_for_ever"] = "return"


class ActedAsync(Result):
    """When it was done, as seconds of the process' clock."""

    started: float
    ended: float


act_async = JobType(
    name="act_async",
    payload=ActAsync,
    result=ActedAsync,
    retry=Fixed(attempts=1, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=3),
    concurrency=2,
    batch_size=10,
)
