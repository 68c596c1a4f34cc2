"""The versions of a function behind its alias ``live``: which there are, which it stands for.

A version is code, layers and settings as one deployment published them, and never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of them, numbered from 1. ``code`` is the digest of its code, which others may share."""

    number: int
    published_at: datetime
    timeout: timedelta
    memory_mb: int
    code: str

    def shape(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "version": self.number,
            "publishedAt": self.published_at.isoformat(),
            "timeoutSeconds": int(self.timeout.total_seconds()),
            "memoryMb": self.memory_mb,
            "code": self.code,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Those of one function, the latest first. ``live`` is the one that the alias stands for.

    While it stands for two, ``shares`` tells what part of the batches the other one gets, above 0
    and up to 1. ``deployment`` is the id of CodeDeploy's that moves the alias now. ``seen`` tells
    the alias as it was read from one that somebody has moved since.
    """

    function: str
    all: tuple[Version, ...]
    live: int
    seen: str
    shares: Mapping[int, float] = field(default_factory=dict)
    deployment: str | None = None

    def before(self) -> int | None:
        """Where going back leads: the older of two, else the last before ``live`` that is there."""
        if self.shares:
            return min(self.live, *self.shares)
        return max((one.number for one in self.all if one.number < self.live), default=None)

    def share(self, number: int) -> float:
        """What part of the batches a version gets, 0 to 1."""
        if number == self.live:
            return 1 - sum(self.shares.values())
        return self.shares.get(number, 0.0)


class Aliases(Protocol):
    """The alias ``live`` of each function. Raises ``PlatformUnavailableError`` for no answer."""

    def versions(self, function: str) -> Versions | None:
        """None where there is no such function, or it has no such alias."""
        ...

    def move(self, versions: Versions, number: int) -> None:
        """Have it stand for this version, and it alone; batches that run end as they began.

        Raises ``JobStateError`` where somebody has moved it since ``versions`` were read.
        """
        ...
