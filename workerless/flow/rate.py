"""Rate limits as a job type declares them: so many points in any window of this length.

The law that keeps them is in ``pacing.py``.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless.errors import DeclarationError
from workerless.flow.key import Key, keys_allowed
from workerless.payload import Payload
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.job_type import JobType

type Points = int | str | Callable[[Any], int]
"""What a job costs: a number, a payload field by its name in Python, or a function of a payload."""

# Machines and calls are apart by tens of milliseconds: within less than this no count could hold.
MIN_PER = timedelta(seconds=1)
MAX_PER = timedelta(days=31)
MAX_LIMIT = 1_000_000
MAX_RATE_LIMITS = 4


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Jobs of at most ``limit`` points start in any window of length ``per`` (1 s to 31 days).

    ``key`` counts each customer, tenant or address by itself; a job without a value is not counted.
    ``points`` is what a job costs, 1 unless said. ``burst`` points may start at once after a
    pause, at the price of a steady rate of ``limit - burst + 1``. ``name`` lets job types share a
    limit, and must be given where ``key`` is a function.
    """

    limit: int
    _: KW_ONLY
    per: timedelta
    key: Key | None = None
    points: Points = 1
    burst: int = 1
    name: str | None = None

    def __post_init__(self) -> None:
        _within("limit", self.limit, 1, MAX_LIMIT)
        _within("per", self.per, MIN_PER, MAX_PER)
        _within("burst", self.burst, 1, self.limit)
        if isinstance(self.points, int):
            _within("points", self.points, 1, self.limit)
        if self.name is not None and not _is_name(self.name):
            raise _error("name", "1 to 80 lower-case letters, digits, '_', '.' and '-'", self.name)
        if callable(self.key) and self.name is None:
            raise _error("name", "given where key is a function", self.name)

    def named(self, job_type: str) -> str:
        """What the limiter is called: ``name``, or the job type's own, with the key's."""
        if self.name is not None:
            return self.name
        return job_type if self.key is None else f"{job_type}.{self.key}"


def points_of(points: Points, payload: Payload) -> int:
    """What a job costs. Raises what a function raises, ``TypeError`` and ``ValueError``."""
    value = _points(points, payload)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"points must be a whole number, got {type(value).__name__}")
    if value < 1:
        raise ValueError(f"points must be at least 1, got {value}")
    return value


def _points(points: Points, payload: Payload) -> object:
    if isinstance(points, int):
        return points
    return getattr(payload, points) if isinstance(points, str) else points(payload)


def check_rates(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError`` for rate limits that the job type cannot have."""
    limits = job_type.rate_limits
    if not (type(limits) is tuple and {type(one) for one in limits} == {RateLimit}):
        raise _refused(job_type, "a tuple of RateLimit", limits)
    if len(limits) > MAX_RATE_LIMITS:
        raise _refused(job_type, f"at most {MAX_RATE_LIMITS}: a job asks each", len(limits))
    if job_type.tracking is Tracking.OFF:
        raise _refused(job_type, "empty with tracking off: a job that waits has a record", limits)
    names = [one.named(job_type.name) for one in limits]
    if len(set(names)) < len(names):
        raise _refused(job_type, "of different names: give each its own name=", names)
    for limit in limits:
        _check_fields(job_type, limit)


def _check_fields(job_type: "JobType[Any, Any]", limit: RateLimit) -> None:
    fields = job_type.payload.model_fields
    if limit.key is not None and (allowed := keys_allowed(limit.key, job_type.payload)):
        raise _refused(job_type, f"by a key that is {allowed}", limit.key)
    if isinstance(limit.points, str) and limit.points not in fields:
        names = ", ".join(fields) or "none"
        raise _refused(job_type, f"of points in a payload field ({names})", limit.points)


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= 80 and not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789_.-")  # noqa: PLR2004 -- said above


def _within[T: (int, timedelta)](field: str, got: T, low: T, high: T) -> None:
    if not low <= got <= high:
        raise _error(field, f"between {low} and {high}", got)


def _error(field: str, allowed: str, got: object) -> DeclarationError:
    return DeclarationError(f"a rate limit's {field} must be {allowed}, got {got!r}")


def _refused(job_type: "JobType[Any, Any]", allowed: str, got: object) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: rate_limits must be {allowed}, got {got!r}")
