"""Which jobs may be members of a batch or workflow."""

from typing import Any

from workerless.errors import EnqueueRefusedError
from workerless.job_type import JobType
from workerless.tracking import Tracking


def check_member(job_type: JobType[Any, Any]) -> None:
    """Raises ``EnqueueRefusedError`` for a job type whose jobs cannot be waited for."""
    name = job_type.name
    if job_type.tracking is not Tracking.FULL:
        raise EnqueueRefusedError(
            f"jobs of {name} cannot be members of a batch or workflow: that needs tracking full, "
            f"got {job_type.tracking.value}",
            field="member_of",
        )
    if job_type.unique is not None:
        raise EnqueueRefusedError(
            f"jobs of {name} cannot be members of a batch or workflow: they are unique, and one "
            "that has its like is never made, so nobody would tell its end",
            field="member_of",
        )
