"""What a job type needs to work: a service whose failure is no fault of the job's."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless.errors import DeclarationError
from workerless.frozen import frozen
from workerless.signals import RetryAfter
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.job_type import JobType

MAX_NEEDS = 5
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Dependency:
    """One service, behind one circuit breaker that all workers share by its ``name``.

    The breaker opens once ``failures`` attempts (1 to 10,000) raised one of ``trips_on`` within
    ``within`` (1 s to 1 h), and these were at least ``ratio`` (0 to 1; None: any part) of the
    attempts then. For ``open_for`` (1 s to 1 h), longer each time in a row, no job that needs it
    starts; then one of them tries. Once that completes the others follow, ever more of them over
    ``recovery`` (0 s to 1 h). A ``RetryAfter`` holds all of them until then; with
    ``spares_attempts`` it costs the job that raised it no attempt. Raises ``DeclarationError``.
    """

    name: str
    trips_on: tuple[type[BaseException], ...]
    failures: int = 5
    within: timedelta = timedelta(seconds=30)
    ratio: float | None = None
    open_for: timedelta = timedelta(seconds=30)
    recovery: timedelta = timedelta(minutes=1)
    spares_attempts: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise _error("name", f"like {_NAME.pattern}", self.name)
        if not _are_exceptions(self.trips_on):
            raise _error("trips_on", "a tuple of one or more classes of exceptions", self.trips_on)
        if not 1 <= self.failures <= 10_000:  # noqa: PLR2004 -- said above
            raise _error("failures", "1 to 10,000", self.failures)
        if self.ratio is not None and not 0 < self.ratio <= 1:
            raise _error("ratio", "None, or above 0 and at most 1", self.ratio)
        for field, low in (("within", _SECOND), ("open_for", _SECOND), ("recovery", 0 * _SECOND)):
            if not low <= getattr(self, field) <= _HOUR:
                raise _error(field, f"between {low} and {_HOUR}", getattr(self, field))


@frozen
class Blame:
    """What an attempt failed of: dependencies of its job type, by name.

    ``retry_after`` is how long they said to be left alone.
    """

    dependencies: tuple[str, ...]
    retry_after: timedelta | None = None


def breaker_key(name: str) -> str:
    """The partition of the table in which the breaker of this dependency lies."""
    return f"BREAKER#{name}"


def check_needs(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError`` for dependencies that the job type cannot have."""
    needs = job_type.needs
    if not (type(needs) is tuple and {type(one) for one in needs} == {Dependency}):
        raise _refused(job_type, "a tuple of Dependency", needs)
    names = [one.name for one in needs]
    if len(needs) > MAX_NEEDS or len(set(names)) < len(names):
        raise _refused(job_type, f"at most {MAX_NEEDS}, each of another name", names)
    if job_type.tracking is Tracking.OFF:
        raise _refused(job_type, "empty with tracking off: a job that waits has a record", names)


def blame_of(error: BaseException, needs: tuple[Dependency, ...]) -> Blame | None:
    """Which dependencies are to blame for what an attempt raised; None: none of them.

    A ``RetryAfter`` that names none speaks of the only one there is.
    """
    if isinstance(error, RetryAfter):
        names = [one.name for one in needs]
        name = error.dependency or (names[0] if len(names) == 1 else None)
        return Blame(dependencies=(name,), retry_after=error.delay) if name in names else None
    blamed = tuple(one.name for one in needs if isinstance(error, one.trips_on))
    return Blame(dependencies=blamed) if blamed else None


def spares(blame: Blame | None, needs: tuple[Dependency, ...]) -> bool:
    """Whether the attempt that ended so shall not count."""
    return blame is not None and any(
        one.spares_attempts for one in needs if one.name in blame.dependencies
    )


def _are_exceptions(kinds: object) -> bool:
    return isinstance(kinds, tuple) and all(
        isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds or (None,)
    )


def _error(field: str, allowed: str, got: object) -> DeclarationError:
    return DeclarationError(f"a dependency's {field} must be {allowed}, got {got!r}")


def _refused(job_type: "JobType[Any, Any]", allowed: str, got: object) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: needs must be {allowed}, got {got!r}")
