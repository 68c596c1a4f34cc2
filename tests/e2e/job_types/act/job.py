"""A job that does as it is told: the bad behaviours a worker must survive."""

from datetime import timedelta
from typing import Literal

from workerless import Fixed, JobType, Payload, Result

type Deed = Literal[
    "return",
    "raise",
    "raise_once",
    "discard",
    "fail",
    "base_exception",
    "system_exit",
    "loop",
    "recurse",
    "wrong_result",
    "sleep",
]


class Act(Payload):
    """Does ``deed``; ``text`` comes back in the result."""

    deed: Deed
    text: str = ""


class Acted(Result):
    """What came of it."""

    text: str
    attempt: int


act = JobType(
    name="act",
    payload=Act,
    result=Acted,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=2),
    concurrency=5,
    batch_size=10,
)
