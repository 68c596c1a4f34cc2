"""The lanes of a simulation: a line of messages each, and so many jobs of it at once."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workerless.errors import WorkerlessError
from workerless.job_type import JobType
from workerless.limits import MIN_MAXIMUM_CONCURRENCY
from workerless.simulation.load import Load

# What a job type without lanes calls its one queue.
ONLY = "all"


@dataclass(slots=True, eq=False)
class Lane:
    """``capacity`` is how many of its jobs may be at work at once; ``busy`` are."""

    name: str
    capacity: int
    busy: int = 0
    most_busy: int = 0
    queue: deque[Any] = field(default_factory=deque)

    def take(self) -> None:
        """One more is at work."""
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)


@dataclass(slots=True, kw_only=True)
class LaneSet:
    """Those of one job type, and the name of the one that jobs are in which name none."""

    lanes: Mapping[str, Lane]
    default: str

    def __iter__(self) -> Iterator[Lane]:
        return iter(self.lanes.values())

    def named(self, name: str | None) -> Lane:
        return self.lanes[self.default if name is None else name]


def lanes_of(job_type: JobType[Any, Any], load: Load) -> LaneSet:
    """Raises ``WorkerlessError`` for a load with lanes that the job type has not."""
    declared = job_type.lanes
    most = max(job_type.concurrency, MIN_MAXIMUM_CONCURRENCY)
    shares = declared.shares(most) if declared else {ONLY: most}
    unknown = set(load.lanes) - set(shares)
    if unknown:
        raise WorkerlessError(
            f"lanes must be of {job_type.name} ({', '.join(shares)}), got {sorted(unknown)}"
        )
    lanes = {name: Lane(name, share * load.at_once) for name, share in shares.items()}
    return LaneSet(lanes=lanes, default=declared.default if declared else ONLY)
