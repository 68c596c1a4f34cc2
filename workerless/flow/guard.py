"""How long a line of waiting jobs may grow, as a job type says it."""

from dataclasses import dataclass
from enum import StrEnum

from workerless.errors import DeclarationError


class WhenFull(StrEnum):
    """What becomes of a job that finds no room.

    ``REJECT``: it is refused. ``PARK``: it waits in the table, and joins the line in a while.
    """

    REJECT = "reject"
    PARK = "park"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxWaiting:
    """About how many messages may stand in a queue. Raises ``DeclarationError``.

    SQS counts them roughly, and those who enqueue look every 2 seconds: many of them at once
    overshoot by what they send meanwhile.
    """

    limit: int
    when_full: WhenFull = WhenFull.REJECT

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise DeclarationError(f"MaxWaiting: limit must be at least 1, got {self.limit}")
        if not isinstance(self.when_full, WhenFull):
            allowed = ", ".join(f"WhenFull.{one.name}" for one in WhenFull)
            raise DeclarationError(
                f"MaxWaiting: when_full must be one of {allowed}, got {self.when_full!r}"
            )
