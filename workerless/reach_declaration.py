"""What a job type may say of its functions: their variables, and for whom they enqueue.

Few say any of it, so a plain worker does not load this.
"""

import re
from typing import TYPE_CHECKING, Any

from workerless import limits
from workerless.errors import DeclarationError
from workerless.permission import check_placeholders

if TYPE_CHECKING:
    from workerless.job_type import JobType

# What the stack adds, and what a stage may.
_OUR_ENVIRONMENT_BYTES = 1_024
_RESERVED_ENVIRONMENT = ("AWS_", "WORKERLESS_", "LAMBDA_")
# Each takes some of the 10,240 characters that a role's own policies may have.
MAX_CHILDREN = 20


def check_reach(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError`` for what cannot be."""
    _environment(job_type)
    if not _are_children(job_type.children):
        allowed = f"a tuple of at most {MAX_CHILDREN} different names of job types"
        raise _refusal(job_type, "children", allowed, job_type.children)


def _are_children(names: object) -> bool:
    return (
        isinstance(names, tuple)
        and all(isinstance(one, str) and one for one in names)
        and len(set(names)) == len(names) <= MAX_CHILDREN
    )


def _environment(job_type: "JobType[Any, Any]") -> None:
    for name, value in job_type.environment.items():
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or name.startswith(_RESERVED_ENVIRONMENT):
            raise _refusal(
                job_type,
                "environment",
                f"UPPER_SNAKE names not starting with {', '.join(_RESERVED_ENVIRONMENT)}",
                name,
            )
        check_placeholders(f"{job_type.name}: environment", value)
    size = sum(len(f"{name}{value}".encode()) for name, value in job_type.environment.items())
    if size > limits.MAX_ENVIRONMENT_BYTES - _OUR_ENVIRONMENT_BYTES:
        most = limits.MAX_ENVIRONMENT_BYTES - _OUR_ENVIRONMENT_BYTES
        raise _refusal(job_type, "environment", f"at most {most} bytes in all", size)


def _refusal(
    job_type: "JobType[Any, Any]", field: str, allowed: str, got: object
) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: {field} must be {allowed}, got {got!r}")
