"""Which job types share a function: a stage's routes, applied to what the checkout declares."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from infra.placement import Placement
from infra.settings import Stage
from workerless.discovery import Found
from workerless.errors import DeclarationError
from workerless.job_type import JobType

_POOL = re.compile(r"[a-z][a-z0-9]{0,19}")
# How long a message that came back may stand in its queue's line, and still meet its record.
_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Job types whose jobs one function runs; each keeps its queues, and all else.

    The function is made for the most demanding of ``members``.
    """

    name: str
    members: tuple[Found, ...]

    @property
    def job_types(self) -> list[JobType[Any, Any]]:
        return [one.job_type for one in self.members]

    @property
    def function_timeout(self) -> timedelta:
        return max(one.function_timeout for one in self.job_types)

    @property
    def memory_mb(self) -> int:
        return max(one.memory_mb for one in self.job_types)

    @property
    def ephemeral_storage_mb(self) -> int:
        return max(one.ephemeral_storage_mb for one in self.job_types)

    def environment(self, stage: Stage) -> dict[str, str]:
        """The variables of all members. Raises ``DeclarationError`` where two disagree."""
        told: dict[str, tuple[str, str]] = {}
        for job_type in self.job_types:
            for variable, value in stage.environment_of(job_type).items():
                first, known = told.setdefault(variable, (job_type.name, value))
                if known != value:
                    raise DeclarationError(
                        f"pool {self.name} of stage {stage.name}: {first} and {job_type.name} "
                        f"give {variable} different values, and share a function; rename it in "
                        "one of them, or route them apart"
                    )
        return {variable: value for variable, (_, value) in told.items()}

    def placement(self, stage: Stage) -> Placement:
        """That of all members. Raises ``DeclarationError`` where two disagree."""
        first, *others = self.job_types
        placement = stage.placement_of(first.name)
        for other in others:
            if stage.placement_of(other.name) != placement:
                raise DeclarationError(
                    f"pool {self.name} of stage {stage.name}: networks, layers and insights must "
                    f"be the same for {first.name} and {other.name}, which share a function; "
                    "route them apart, or match both"
                )
        return placement


def pools_of(found: Sequence[Found], stage: Stage) -> list[Pool]:
    """The pools of a stage, by name; a job type that no route matches has its own function.

    Raises ``DeclarationError`` for a route that cannot be, or brings together what cannot be, and
    for any other pattern of the stage that nothing matches.
    """
    members: dict[str, list[Found]] = {}
    for one in found:
        name = route_of(one.job_type.name, stage.routes)
        if name is not None:
            members.setdefault(name, []).append(one)
    for pattern, name in stage.routes.items():
        _check_route(pattern, name, found, stage)
    for field, pattern in stage.patterns():
        _check_match(f"{field}: {pattern!r}", pattern, found, stage)
    pools = [Pool(name=name, members=tuple(members[name])) for name in sorted(members)]
    for pool in pools:
        _check(pool, stage)
    return pools


def pool_of(one: Found, pools: Sequence[Pool]) -> Pool | None:
    """The pool that a job type is in."""
    return next((pool for pool in pools if one in pool.members), None)


def route_of(job_type: str, routes: Mapping[str, str]) -> str | None:
    """The pool of a job type; the first pattern that matches decides."""
    return next((to for pattern, to in routes.items() if fnmatchcase(job_type, pattern)), None)


def _check_route(pattern: str, name: str, found: Sequence[Found], stage: Stage) -> None:
    what = f"routes[{pattern!r}]"
    if not _POOL.fullmatch(name):
        raise DeclarationError(
            f"infra/settings.py: {what} of stage {stage.name} must be 1 to 20 lower-case letters "
            f"and digits, a letter first, got {name!r}"
        )
    _check_match(what, pattern, found, stage)


def _check_match(what: str, pattern: str, found: Sequence[Found], stage: Stage) -> None:
    names = [one.job_type.name for one in found]
    if not any(fnmatchcase(one, pattern) for one in names):
        raise DeclarationError(
            f"infra/settings.py: {what} of stage {stage.name} must match a job type "
            f"({', '.join(sorted(names)) or 'there are none'})"
        )


def _check(pool: Pool, stage: Stage) -> None:
    pool.environment(stage)
    pool.placement(stage)
    for job_type in pool.job_types:
        least = job_type.visibility_under(pool.function_timeout) + _LATE
        for field in ("completed_retention", "failed_retention"):
            if getattr(job_type, field) < least:
                raise DeclarationError(
                    f"{job_type.name}: {field} must be at least {least} in pool {pool.name}, "
                    f"whose function may take {pool.function_timeout}; raise it, or route "
                    f"{job_type.name} to another pool"
                )
