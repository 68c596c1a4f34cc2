"""A bound that moves: how many invocations a job type may have at once, as its jobs wait. Pure.

Lambda starts and ends workers by itself, as many as find messages, up to a bound. Where what the
jobs call cannot bear the highest bound all day, this keeps it low until jobs wait.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workerless.errors import DeclarationError
from workerless.limits import MIN_MAXIMUM_CONCURRENCY

# The operator function looks so often, and CloudWatch tells of a queue's age as often.
_LOOK = timedelta(minutes=1)
_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscale:
    """The bound goes from ``least`` (2 or more) up to the job type's ``concurrency``, and back.

    It shall allow an invocation for each ``jobs_each`` jobs that wait or run; and twice as many as
    before where the oldest message is older than ``older_than`` (None: however old it is). Up at
    once, once a minute; down no sooner than ``down_after`` the last change. Both of a minute to a
    day. Raises ``DeclarationError``.
    """

    least: int = MIN_MAXIMUM_CONCURRENCY
    jobs_each: int = 30
    older_than: timedelta | None = None
    down_after: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        for name, low in (("least", MIN_MAXIMUM_CONCURRENCY), ("jobs_each", 1)):
            number = getattr(self, name)
            if type(number) is not int or number < low:
                raise DeclarationError(f"Autoscale: {name} must be {low} or more, got {number!r}")
        for name in ("older_than", "down_after"):
            time = getattr(self, name)
            if time is not None and not _LOOK <= time <= _LONGEST:
                raise DeclarationError(
                    f"Autoscale: {name} must be between {_LOOK} and {_LONGEST}, got {time}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An ``Autoscale`` where it is deployed: ``most`` is the highest bound there."""

    rule: Autoscale
    most: int

    @property
    def least(self) -> int:
        return min(self.rule.least, self.most)

    def bound(
        self, present: int, *, unfinished: int, oldest: timedelta | None, unchanged: timedelta
    ) -> int:
        """The bound that shall be, where it has been ``present`` for so long ``unchanged``.

        ``unfinished`` jobs wait or run; ``oldest`` is the age of the oldest message, None where
        nobody knows.
        """
        rule = self.rule
        needed = max(math.ceil(unfinished / rule.jobs_each), self.least)
        if rule.older_than is not None and oldest is not None and oldest > rule.older_than:
            needed = max(needed, present * 2)
        needed = min(needed, self.most)
        if needed < present and unchanged < rule.down_after:
            return min(present, self.most)
        return needed

    def published(self) -> dict[str, int]:
        """As the stack of its job type tells it; times in seconds, and only what there is."""
        rule, older = self.rule, self.rule.older_than
        return {
            "least": rule.least,
            "most": self.most,
            "jobs_each": rule.jobs_each,
            "down_after": int(rule.down_after.total_seconds()),
            **({} if older is None else {"older_than": int(older.total_seconds())}),
        }


def read_scale(told: Mapping[str, Any]) -> Scale:
    """What ``published`` told.

    Raises ``LookupError``, ``TypeError`` or ``ValueError`` for less, ``DeclarationError`` for what
    cannot be.
    """
    older = told.get("older_than")
    rule = Autoscale(
        least=told["least"],
        jobs_each=told["jobs_each"],
        older_than=None if older is None else timedelta(seconds=older),
        down_after=timedelta(seconds=told["down_after"]),
    )
    return Scale(rule=rule, most=int(told["most"]))


def check_autoscale(job_type: str, rule: object, concurrency: int, *, has_lanes: bool) -> None:
    """Raises ``DeclarationError`` for what a job type of such ``concurrency`` cannot have."""
    if not isinstance(rule, Autoscale):
        raise DeclarationError(f"{job_type}: autoscale must be None or an Autoscale, got {rule!r}")
    if has_lanes:
        raise DeclarationError(
            f"{job_type}: autoscale must be None with lanes, which share one concurrency, got "
            f"{rule!r}"
        )
    if rule.least >= concurrency:
        raise DeclarationError(
            f"{job_type}: concurrency must be above the {rule.least} that autoscale begins with, "
            f"got {concurrency}"
        )
