"""How long to wait before the next attempt: pure values, one a shape of the curve.

A backoff gives the wait after attempt number ``attempt`` (counted from 1) before jitter; jitter
spreads it, the cap bounds it (``retry.next_delay`` applies both).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from workerless.errors import DeclarationError
from workerless.limits import MAX_ATTEMPTS, MAX_WAIT

_CAP = timedelta(minutes=15)


class Jitter(Enum):
    """How a wait is spread, so that jobs that failed together do not return together.

    ``FULL`` draws from 0 to the wait, ``TWENTY_PERCENT`` from 0.8 to 1.2 times the wait.
    Source of full jitter: AWS Architecture Blog, "Exponential Backoff And Jitter".
    """

    NONE = (1.0, 1.0)
    TWENTY_PERCENT = (0.8, 1.2)
    FULL = (0.0, 1.0)


class Backoff(Protocol):
    """A retry policy: how many attempts, and the wait after each."""

    @property
    def attempts(self) -> int: ...

    @property
    def cap(self) -> timedelta: ...

    @property
    def jitter(self) -> Jitter: ...

    def wait(self, attempt: int, error: BaseException) -> timedelta:
        """The wait after failed attempt ``attempt`` (from 1), before cap and jitter.

        May raise, as ``OverflowError`` past what a timedelta holds: the cap is waited for then.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    """``first * factor ** (attempt - 1)``: 2, 4, 8, 16 s ... by default."""

    attempts: int = 3
    first: timedelta = timedelta(seconds=2)
    factor: float = 2.0
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.FULL

    def __post_init__(self) -> None:
        _check_policy(self)
        _check_first(self.first)
        if not self.factor >= 1:  # NaN is not below 1 either
            raise DeclarationError(f"factor must be at least 1, got {self.factor}")

    def wait(self, attempt: int, error: BaseException) -> timedelta:  # noqa: ARG002 -- Backoff
        return self.first * self.factor ** (attempt - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """``first * attempt``: 2, 4, 6 s ... by default."""

    attempts: int = 3
    first: timedelta = timedelta(seconds=2)
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.FULL

    def __post_init__(self) -> None:
        _check_policy(self)
        _check_first(self.first)

    def wait(self, attempt: int, error: BaseException) -> timedelta:  # noqa: ARG002 -- Backoff
        return self.first * attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The same wait every time."""

    attempts: int = 3
    delay: timedelta = timedelta(seconds=2)
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.TWENTY_PERCENT

    def __post_init__(self) -> None:
        _check_policy(self)
        _check_first(self.delay)

    def wait(self, attempt: int, error: BaseException) -> timedelta:  # noqa: ARG002 -- Backoff
        return self.delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Each wait spelled out; there is one attempt more than there are waits."""

    delays: tuple[timedelta, ...]
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.TWENTY_PERCENT

    def __post_init__(self) -> None:
        _check_policy(self)
        if not self.delays:
            raise DeclarationError("delays must hold at least one wait, got ()")
        for delay in self.delays:
            _check_first(delay)

    @property
    def attempts(self) -> int:
        return len(self.delays) + 1

    def wait(self, attempt: int, error: BaseException) -> timedelta:  # noqa: ARG002 -- Backoff
        return self.delays[min(attempt, len(self.delays)) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """``unit * attempt ** power``: 1, 8, 27, 64, 125 s ... by default."""

    attempts: int = 3
    unit: timedelta = timedelta(seconds=1)
    power: float = 3.0
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.FULL

    def __post_init__(self) -> None:
        _check_policy(self)
        _check_first(self.unit)
        if not 0 < self.power <= 10:  # noqa: PLR2004 -- beyond it the cap decides everything
            raise DeclarationError(f"power must be above 0 and at most 10, got {self.power}")

    def wait(self, attempt: int, error: BaseException) -> timedelta:  # noqa: ARG002 -- Backoff
        return self.unit * float(attempt**self.power)


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A wait computed from the attempt and its error by ``function``, which must be pure."""

    function: Callable[[int, BaseException], timedelta]
    attempts: int = 3
    cap: timedelta = _CAP
    jitter: Jitter = Jitter.NONE

    def __post_init__(self) -> None:
        _check_policy(self)

    def wait(self, attempt: int, error: BaseException) -> timedelta:
        return self.function(attempt, error)


def _check_policy(policy: Backoff) -> None:
    """Raises ``DeclarationError`` naming the field that is out of range."""
    if not 1 <= policy.attempts <= MAX_ATTEMPTS:
        raise DeclarationError(
            f"attempts must be between 1 and {MAX_ATTEMPTS}, got {policy.attempts}"
        )
    if not timedelta(0) < policy.cap <= MAX_WAIT:
        raise DeclarationError(f"cap must be above 0 s and at most {MAX_WAIT}, got {policy.cap}")


def _check_first(delay: timedelta) -> None:
    if delay < timedelta(0):
        raise DeclarationError(f"a wait must not be negative, got {delay}")
