"""What people are shown of jobs and schedules: nothing sensitive."""

from typing import Protocol

from workerless.errors import WorkerlessError
from workerless.frozen import replace
from workerless.hidden import ALL, Hidden
from workerless.ports import Directory
from workerless.schedule.stand import Stand


class Knowing(Protocol):
    """Who knows what nobody is shown of a job type's payloads."""

    def hidden(self, job_type: str) -> Hidden: ...


def hidden_of(job_type: str, directory: Directory) -> Hidden:
    """What its stack published. Of one that is not deployed nobody knows: all of it."""
    try:
        return directory.find(job_type).hidden or Hidden()
    except WorkerlessError:
        return ALL


def veiled(stand: Stand, jobs: Knowing) -> Stand:
    """``stand`` without a sensitive value in the payload of its jobs."""
    plan = stand.plan
    if plan is None:
        return stand
    data = jobs.hidden(plan.job_type).data(plan.data, plan.version)
    return replace(stand, plan=replace(plan, data=data))
