"""What job types share by a name: limits, groups, dependencies. They must mean the same by it."""

from collections.abc import Iterator, Sequence
from typing import Any

from workerless.errors import DeclarationError
from workerless.job_type import JobType

type _Said = tuple[str, dict[str, object]]


def check_shared(job_types: Sequence[JobType[Any, Any]]) -> None:
    """Raises ``DeclarationError`` where two job types say different things of one name.

    What they share has one item in the table, whose figures each would take for its own.
    """
    first: dict[str, _Said] = {}
    for job_type in job_types:
        for name, said in (*_rates(job_type), *_needs(job_type), *_keys(job_type)):
            other, meant = first.setdefault(name, (job_type.name, said))
            for field, value in said.items():
                if meant[field] != value:
                    raise DeclarationError(
                        f"{name} must have the same {field} wherever it is declared, got "
                        f"{meant[field]} in {other} and {value} in {job_type.name}"
                    )


def children_of(
    job_type: JobType[Any, Any], among: Sequence[JobType[Any, Any]]
) -> list[JobType[Any, Any]]:
    """The job types for which its handlers enqueue. Raises ``DeclarationError`` for one missing."""
    known = {one.name: one for one in among}
    missing = [name for name in job_type.children if name not in known]
    if missing:
        raise DeclarationError(
            f"{job_type.name}: children must name job types of this project "
            f"({', '.join(sorted(known))}), got {missing[0]!r}"
        )
    return [known[name] for name in job_type.children]


def _rates(job_type: JobType[Any, Any]) -> Iterator[_Said]:
    for one in job_type.rate_limits:
        said = {"limit": one.limit, "per": one.per, "burst": one.burst}
        yield f"rate limit {one.named(job_type.name)!r}", said


def _needs(job_type: JobType[Any, Any]) -> Iterator[_Said]:
    for one in job_type.needs:
        fields = ("failures", "within", "ratio", "open_for", "recovery")
        yield f"dependency {one.name!r}", {field: getattr(one, field) for field in fields}


def _keys(job_type: JobType[Any, Any]) -> Iterator[_Said]:
    """A group that is called as a job type with permits of its own would count with that."""
    if not job_type.is_keyed:
        return
    group = job_type.concurrency_key.group if job_type.concurrency_key else None
    name = group or job_type.name
    yield f"concurrency key {name!r}", {"group": group}
