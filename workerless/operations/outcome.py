"""What becomes of one job that an operator acts on."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """``SKIPPED``: it has moved on by itself, or by another's hand. ``FAILED``: it cannot be."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one job, and why where it is not done."""

    job_id: str
    result: Result
    why: str | None = None
