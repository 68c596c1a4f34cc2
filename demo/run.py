"""What every step is given."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from demo.screen import Screen
from workerless.client import Client
from workerless.errors import WaitTimeoutError
from workerless.handle import Job, JobStatus

PATIENCE = timedelta(seconds=60)
_BETWEEN_LOOKS_SECONDS = 0.1
_ASKED_AT_ONCE = 20


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
        _pause(give_up_at, job)


def ends[R](jobs: Iterable[Job[R]]) -> Iterator[JobStatus[R]]:
    """The end of each job, whichever is first. Raises ``WaitTimeoutError``."""
    waiting = deque(jobs)
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    while waiting:
        # Some in turn: to ask for all of them each time would hold them up.
        for _ in range(min(len(waiting), _ASKED_AT_ONCE)):
            job = waiting.popleft()
            status = job.status()
            if status.state.is_terminal:
                yield status
            else:
                waiting.append(job)
        if waiting:
            _pause(give_up_at, waiting[0])


def _pause(give_up_at: float, job: Job[Any]) -> None:
    if time.monotonic() > give_up_at:
        raise WaitTimeoutError(f"job {job.id} has not ended after {PATIENCE}; it goes on")
    time.sleep(_BETWEEN_LOOKS_SECONDS)
