"""Waiting for many jobs at once: one look asks for all of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from workerless.errors import WaitTimeoutError
from workerless.handle import Job, JobStatus, status_of
from workerless.patience import pauses
from workerless.record import Record


def wait_all[R](
    jobs: Sequence[Job[R]], timeout: timedelta = timedelta(minutes=5)
) -> list[JobStatus[R]]:
    """The status of each of these jobs of one client, in order, once all have ended, however.

    Looks as ``Job.wait`` does; a look at a hundred jobs is one call. Raises ``WaitTimeoutError``
    naming some that have not ended, and at once ``JobNotFoundError`` for a job type whose tracking
    is off.
    """
    ended: dict[str, Record] = {}
    for job in jobs:
        job.need_tracking()
    if jobs:
        clock = jobs[0].clock
        _look(jobs, ended)
        for pause in pauses(timeout, clock):
            if all(job.id in ended for job in jobs):
                break
            clock.sleep(pause)
            _look(jobs, ended)
    left = [job.id for job in jobs if job.id not in ended]
    if left:
        raise WaitTimeoutError(
            f"{len(left)} of {len(jobs)} jobs have not ended after {timeout}, {left[0]!r} among "
            "them; they go on, ask again later"
        )
    return [status_of(ended[job.id], job.job_type, job.blobs) for job in jobs]


def _look(jobs: Sequence[Job[Any]], ended: dict[str, Record]) -> None:
    """Add those that have ended since the last look."""
    ids = list(dict.fromkeys(job.id for job in jobs if job.id not in ended))
    for record in jobs[0].store.get_many(ids):
        if record is not None and record.state.is_terminal:
            ended[record.job_id] = record
