"""How many jobs of a key run at once, and what becomes of one more. Values for a ``job.py``."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any

from workerless.errors import DeclarationError

# Each holder adds a hundred bytes to one item, which every start and end rewrites.
MAX_LIMIT = 100


class OnConflict(StrEnum):
    """What becomes of a job that finds as many of its key running as may.

    ``WAIT``: it waits for its turn, in order. ``DROP``: it ends as discarded. ``REPLACE``: those of
    its key that wait are cancelled, and it waits alone. ``CANCEL_OLD``: the same, and the one that
    runs is asked to stop.
    """

    WAIT = "wait"
    DROP = "drop"
    REPLACE = "replace"
    CANCEL_OLD = "cancel_old"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most ``limit`` jobs (1 to 100) of the same ``key`` run at once, in the whole stage.

    ``key`` is a payload field by its name in Python, ``"tenant"``, or a function from payload to
    text; a job whose key is empty or None is not limited. Without ``key`` all jobs of the type
    count together. ``group`` is a name that several job types share, to count together. Raises
    ``DeclarationError``.
    """

    limit: int
    _: KW_ONLY
    key: str | Callable[[Any], str] | None = None
    group: str | None = None
    on_conflict: OnConflict = OnConflict.WAIT

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise DeclarationError(
                f"Concurrency: limit must be between 1 and {MAX_LIMIT}, got {self.limit}"
            )
        if not isinstance(self.on_conflict, OnConflict):
            allowed = ", ".join(f"OnConflict.{one.name}" for one in OnConflict)
            raise DeclarationError(
                f"Concurrency: on_conflict must be one of {allowed}, got {self.on_conflict!r}"
            )
        if self.on_conflict is OnConflict.CANCEL_OLD and self.limit > 1:
            raise DeclarationError(
                f"Concurrency: limit must be 1 with on_conflict=CANCEL_OLD, got {self.limit}"
            )
        if self.group == "":
            raise DeclarationError("Concurrency: group must be None or a name, got ''")
