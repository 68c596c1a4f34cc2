"""A job that does as it is told: the bad behaviours a worker must survive."""

from datetime import timedelta
from typing import Any, Literal

from workerless import Fixed, JobType, Payload, Result, Sensitive

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
    "step",
    "tell_pid",
]


def deed_was_called_do(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had another name for it."""
    return {**data, "deed": data.pop("do")}


class Act(Payload):
    """Does ``deed``; ``text`` comes back in the result, ``hushed`` is in what it raises."""

    deed: Deed
    text: str = ""
    hushed: Sensitive[str] = "nothing"


class Acted(Result):
    """What came of it."""

    text: str
    attempt: int


act = JobType(
    name="act",
    payload=Act,
    result=Acted,
    version=2,
    upcasters={1: deed_was_called_do},
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=2),
    concurrency=5,
    batch_size=10,
)
