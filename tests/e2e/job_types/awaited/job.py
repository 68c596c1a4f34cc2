"""Waits for somebody's word."""

from datetime import timedelta

from workerless import JobType, Payload, Result


class Await(Payload):
    """Waits for a word, a day at most."""

    seconds: float = 86_400


class Word(Payload):
    """What somebody says."""

    by: str


class Heard(Result):
    """Who said it, how often the handler was called, and what its step gave."""

    by: str | None
    attempt: int
    asked: int


awaited = JobType(
    name="awaited",
    payload=Await,
    result=Heard,
    timeout=timedelta(seconds=10),
)
