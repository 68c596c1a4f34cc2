"""The lanes of a job type as a stage deploys them. A job type without lanes has one, unnamed."""

from dataclasses import dataclass
from typing import Any

from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One queue, and how many invocations its mapping may have at once."""

    name: str | None
    queue_name: str
    concurrency: int
    is_default: bool

    @property
    def suffix(self) -> str:
        """What construct ids of this lane end in.

        Nothing for the default one: what is deployed stays as it is when a job type gets lanes.
        """
        return "" if self.is_default else (self.name or "").capitalize()

    @property
    def tail(self) -> str:
        """The same for names of deployed things."""
        return "" if self.is_default else f"-{self.name}"


def queue_names(job_type: JobType[Any, Any], stage: Stage) -> list[str]:
    """Those of all its lanes."""
    return [lane.queue_name for lane in lanes_of(job_type, stage)]


def lanes_of(job_type: JobType[Any, Any], stage: Stage) -> list[Lane]:
    """In the order of their declaration. A stage never lowers a lane below Lambda's floor."""
    lanes, own = job_type.lanes, naming.resource(stage.name, job_type.name)
    concurrency = stage.concurrency(job_type.concurrency)
    if lanes is None:
        return [Lane(name=None, queue_name=own, concurrency=concurrency, is_default=True)]
    shares = lanes.shares(max(concurrency, lanes.least_concurrency))
    return [
        Lane(
            name=name,
            queue_name=own
            if name == lanes.default
            else naming.lane_queue(stage.name, job_type.name, name),
            concurrency=share,
            is_default=name == lanes.default,
        )
        for name, share in shares.items()
    ]
