"""Releases in people's hands, as command line and console see them."""

from dataclasses import dataclass
from typing import Any, Protocol

from workerless.versions import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """``live`` of ``function`` stands for version ``to`` now, which ``job_types`` are run by.

    It stood for ``was``: one version, or two.
    """

    function: str
    job_types: tuple[str, ...]
    was: tuple[int, ...]
    to: int

    def shape(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "function": self.function,
            "jobTypes": list(self.job_types),
            "was": list(self.was),
            "version": self.to,
        }


class Releases(Protocol):
    """The versions behind ``live`` of the function that runs a job type, its own or a pool's.

    Everything raises ``UnknownJobTypeError``, ``PlatformUnavailableError``, and
    ``OperationRefusedError`` where containers run its jobs, or there is no such alias.
    """

    def versions(self, job_type: str) -> Versions:
        """Those that there are, and which of them is live."""
        ...

    def job_types(self, job_type: str) -> tuple[str, ...]:
        """Those that the same function runs, this one among them, by name."""
        ...

    def back(self, job_type: str, *, why: str, version: int | None = None) -> Moved:
        """Have the version before run its jobs, or ``version``, also a later one.

        Holds within seconds, for batches that begin then, until the next deployment that changes
        the function. Raises ``OperationRefusedError`` where there is no such version, and
        ``JobStateError`` where it is live already, CodeDeploy moves the alias now, or somebody
        else has just moved it.
        """
        ...
