"""How many jobs of a key run at once, and what becomes of one more. Values for a ``job.py``."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from workerless.errors import DeclarationError
from workerless.flow.key import Key, keys_allowed
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.job_type import JobType

# Each holder adds a hundred bytes to one item, which every start and end rewrites.
MAX_LIMIT = 100


class OnConflict(StrEnum):
    """What becomes of a job that finds as many of its key running as may.

    ``WAIT``: it waits for its turn, in order. ``DROP``: it ends as discarded. ``REPLACE``: those of
    its key that wait are cancelled, and it waits alone. ``CANCEL_OLD``: the same, and the one that
    runs is called off, which its handler may heed.
    """

    WAIT = "wait"
    DROP = "drop"
    REPLACE = "replace"
    CANCEL_OLD = "cancel_old"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most ``limit`` jobs (1 to 100) of the same ``key`` run at once, in the whole stage.

    ``key`` is a payload field by its name in Python, ``"tenant"``, or a function from payload to
    text; a job whose key is None is not limited. Without ``key`` all jobs of the type
    count together. ``group`` is a name that several job types share, to count together. Raises
    ``DeclarationError``.
    """

    limit: int
    _: KW_ONLY
    key: Key | None = None
    group: str | None = None
    on_conflict: OnConflict = OnConflict.WAIT

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise DeclarationError(
                f"Concurrency: limit must be between 1 and {MAX_LIMIT}, got {self.limit}"
            )
        if not isinstance(self.on_conflict, OnConflict):
            allowed = ", ".join(f"OnConflict.{one.name}" for one in OnConflict)
            raise DeclarationError(
                f"Concurrency: on_conflict must be one of {allowed}, got {self.on_conflict!r}"
            )
        if self.on_conflict is OnConflict.CANCEL_OLD and self.limit > 1:
            raise DeclarationError(
                f"Concurrency: limit must be 1 with on_conflict=CANCEL_OLD, got {self.limit}"
            )
        if self.group == "":
            raise DeclarationError("Concurrency: group must be None or a name, got ''")


def rule_of(job_type: "JobType[Any, Any]") -> Concurrency | None:
    """What bounds the jobs of this type that run at once.

    Lambda gives a queue two invocations at least, so one at a time is a permit's business.
    """
    return job_type.concurrency_key or (Concurrency(1) if job_type.concurrency == 1 else None)


def counted_with[J: "JobType[Any, Any]"](job_type: J, among: Iterable[J]) -> list[J]:
    """The other job types of its group. Raises ``DeclarationError`` if they differ in the limit."""
    rule = job_type.concurrency_key
    group = rule.group if rule is not None else None
    if rule is None or group is None:
        return []
    members = [one for one in among if one.concurrency_key and one.concurrency_key.group == group]
    for one in members:
        other = one.concurrency_key
        if other is not None and other.limit != rule.limit:
            raise DeclarationError(
                f"job types of group {group!r} must have the same limit, got {rule.limit} in "
                f"{job_type.name} and {other.limit} in {one.name}"
            )
    return [one for one in members if one.name != job_type.name]


def check_key(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError`` where the job type's rule cannot be."""
    rule = job_type.concurrency_key
    field = "concurrency" if rule is None else "concurrency_key"
    got = job_type.concurrency if rule is None else rule
    if rule is not None and not isinstance(rule, Concurrency):
        raise _error(job_type, field, "None or a Concurrency", got)
    if rule is not None and job_type.concurrency == 1:
        raise _error(
            job_type, "concurrency", "at least 2 with a concurrency_key, which says how many run", 1
        )
    if job_type.tracking is Tracking.OFF:
        allowed = "at least 2" if rule is None else "None"
        raise _error(job_type, field, f"{allowed} with tracking off: who waits needs a record", got)
    if rule is None or rule.key is None:
        return
    if (allowed_keys := keys_allowed(rule.key, job_type.payload)) is not None:
        raise _error(job_type, "concurrency_key's key", allowed_keys, rule.key)


def _error(
    job_type: "JobType[Any, Any]", field: str, allowed: str, got: object
) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: {field} must be {allowed}, got {got!r}")
