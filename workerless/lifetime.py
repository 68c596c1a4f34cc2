"""How long files are kept: a bucket's rules go by tag, so in a few classes of days. Pure.

A second tag says the day. https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from workerless.frozen import frozen

KEEP_TAG = "keep"
FREE_TAG = "free"
# A result for a day; a payload through its queues; a year; the longest wait; and with the longest
# retention after it.
KEEP_DAYS = (2, 45, 400, 4_000, 8_000)
_DAY = timedelta(days=1)


def days_for(keep: timedelta) -> int:
    """The shortest class that covers ``keep``; the longest, 22 years, where none does."""
    days = math.ceil(keep / _DAY)
    return next((one for one in KEEP_DAYS if one >= days), KEEP_DAYS[-1])


def free_day(tags: Mapping[str, str]) -> date | None:
    """The first day on which nobody needs a file; None where its tags do not say."""
    try:
        return date.fromisoformat(tags[FREE_TAG])
    except (KeyError, ValueError):
        return None


@frozen
class Term:
    """How long a file is kept: for ``days`` from when it was written.

    Nobody needs it from ``free_on`` on, a day in UTC.
    """

    days: int
    free_on: date

    @classmethod
    def of(cls, keep: timedelta, *, written_at: datetime, now: datetime) -> "Term":
        """That of a file needed for ``keep`` from ``now`` on."""
        return cls(days=days_for(now - written_at + keep), free_on=(now + keep).date() + _DAY)

    @classmethod
    def read(cls, tags: Mapping[str, str], *, written_at: datetime) -> "Term":
        """What the tags of a file say. Without a day it is that of its class."""
        days = int(tags.get(KEEP_TAG, 0))
        of_class = (written_at + days * _DAY).date() + _DAY
        return cls(days=days, free_on=free_day(tags) or of_class)

    def or_longer(self, other: "Term") -> "Term":
        return Term(days=max(self.days, other.days), free_on=max(self.free_on, other.free_on))

    def tags(self) -> dict[str, str]:
        return {KEEP_TAG: str(self.days), FREE_TAG: self.free_on.isoformat()}
