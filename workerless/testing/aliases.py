"""Functions in memory, and the versions that their aliases stand for."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from workerless.errors import JobStateError
from workerless.versions import Version, Versions


def a_version(number: int) -> Version:
    """As a deployment published it, an hour after the one before."""
    return Version(
        number=number,
        published_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number),
        timeout=timedelta(seconds=60),
        memory_mb=256,
        code=f"digest-{number}",
    )


@dataclass(kw_only=True)
class InMemoryAliases:
    """A function is there once ``deploy`` has published its first version."""

    functions: dict[str, Versions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._revisions = count(1)

    def deploy(self, function: str) -> int:
        """Publish another version, and have the alias stand for it; its number."""
        known = self.functions.get(function)
        number = known.all[0].number + 1 if known else 1
        versions = (a_version(number), *(known.all if known else ()))
        self.functions[function] = Versions(
            function=function, all=versions, live=number, seen=self._revision()
        )
        return number

    def versions(self, function: str) -> Versions | None:
        return self.functions.get(function)

    def move(self, versions: Versions, number: int) -> None:
        now = self.functions[versions.function]
        if now.seen != versions.seen:
            raise JobStateError(f"live of {now.function} was moved by somebody else meanwhile")
        self.functions[now.function] = replace(now, live=number, shares={}, seen=self._revision())

    def _revision(self) -> str:
        return f"revision-{next(self._revisions)}"
