"""A job that takes its time, of which one for each user may wait."""

from datetime import timedelta

from workerless import JobType, OnDuplicate, Payload, Result, Unique, Until


class Wait(Payload):
    """Waits for so many seconds, unless it is called off."""

    user: str
    seconds: float = 0
    version: int = 0


class Waited(Result):
    """Which payload was worked on."""

    version: int


patient = JobType(
    name="patient",
    payload=Wait,
    result=Waited,
    unique=Unique(by=("user",), until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE),
    timeout=timedelta(seconds=60),
)
