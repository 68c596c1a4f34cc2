"""What every step is given."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from demo.screen import Screen
from workerless.client import Client
from workerless.errors import WaitTimeoutError
from workerless.handle import Job, JobStatus

PATIENCE = timedelta(seconds=60)
_BETWEEN_LOOKS_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the demo. ``id`` is in every name it makes, so that runs never meet."""

    id: str
    client: Client
    port: int
    screen: Screen


def looks[R](job: Job[R]) -> Iterator[JobStatus[R]]:
    """The job's status again and again; the last one is its end. Raises ``WaitTimeoutError``."""
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    while True:
        status = job.status()
        yield status
        if status.state.is_terminal:
            return
        if time.monotonic() > give_up_at:
            raise WaitTimeoutError(f"job {job.id} is still {status.state} after {PATIENCE}")
        time.sleep(_BETWEEN_LOOKS_SECONDS)
