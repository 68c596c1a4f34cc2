"""The id that a caller's job has. Pure."""

import hashlib
from collections.abc import Callable

from workerless.errors import EnqueueRefusedError
from workerless.limits import MAX_JOB_ID_LENGTH
from workerless.message import JOB_ID


def asked_id(job_type: str, job_id: str | None, key: str | None, new_id: Callable[[], str]) -> str:
    """``job_id`` itself, what ``key`` leads to, or a new one. Raises ``EnqueueRefusedError``."""
    if job_id is not None and key is not None:
        raise EnqueueRefusedError("give a job_id or an idempotency_key, not both")
    if key is not None:
        if not key:
            raise EnqueueRefusedError(
                f"idempotency_key must be not empty, got {key!r}", field="idempotency_key"
            )
        named = f"{job_type}\n{key}".encode("utf-8", "backslashreplace")
        return hashlib.sha256(named).hexdigest()[:32]
    found = job_id if job_id is not None else new_id()
    if not JOB_ID.fullmatch(found):
        raise EnqueueRefusedError(
            f"job_id must be 1 to {MAX_JOB_ID_LENGTH} letters, digits and '_.:-', the first no "
            f"sign, got {found!r}",
            field="job_id",
        )
    return found
