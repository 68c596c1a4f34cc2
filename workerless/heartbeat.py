"""The heartbeat of a job: while an attempt takes long, its process says that it lives.

It tells people whether the process is there, which no progress does that the handler does not tell.
It moves no lease: that lasts for as long as the invocation can, from the start.
"""

from datetime import datetime
from typing import Protocol


class Heartbeats(Protocol):
    """Where they are kept: in the records of the jobs."""

    def beat(self, job_id: str, token: str, at: datetime) -> bool:
        """Note one; False where the token no longer owns the job.

        Raises ``StoreUnavailableError``.
        """
        ...
