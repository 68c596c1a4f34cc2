"""What ended in one hour, by job type: counts that add up to those of a day. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from functions.generate_report.day import HOUR
from functions.generate_report.duration import bucket
from workerless import State
from workerless.search import Listed

# How a job can end. One that is held has not: it waits for a person.
ENDS = (State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED)
# Until then whoever keeps records for the shortest time there is still has those of an hour.
_LATE = 2 * HOUR


class Tally(BaseModel):
    """The jobs of one type that ended in one hour.

    ``enqueued`` is how many had been enqueued in which hour, each job counted with its first end
    only; ``retried`` is how many took more than one attempt; ``durations`` are those of last
    attempts, by bucket.
    """

    ended: Counter[State] = Counter()
    enqueued: Counter[datetime] = Counter()
    retried: int = 0
    durations: Counter[int] = Counter()

    def add(self, row: Listed, *, enqueued: datetime) -> None:
        """``enqueued`` is the hour in which it was."""
        self.ended[state_at_end(row)] += 1
        self.retried += row.attempt > 1
        if row.generation == 1:
            self.enqueued[enqueued] += 1
        if row.started_at is not None:
            self.durations[bucket(ended_at(row) - row.started_at)] += 1


class Hour(BaseModel):
    """All that ended in the hour from ``start``; ``is_whole`` is False where counting stopped."""

    start: datetime
    counted_at: datetime
    is_whole: bool = True
    job_types: dict[str, Tally] = {}

    def add(self, row: Listed, *, enqueued: datetime) -> None:
        self.job_types.setdefault(row.job_type, Tally()).add(row, enqueued=enqueued)

    @property
    def is_doubtful(self) -> bool:
        """Whether jobs may be missing: there were too many, or their records went before."""
        return not self.is_whole or self.counted_at - self.start > _LATE


def ended_at(row: Listed) -> datetime:
    """When the job ended. Who dismisses a failed job later on changes it, and does not end it."""
    return row.finished_at or row.updated_at


def state_at_end(row: Listed) -> State:
    """How it ended then: a dismissed job had failed."""
    is_dismissed = row.state is State.DISCARDED and row.updated_at > ended_at(row)
    return State.FAILED if is_dismissed else row.state


def summed(hours: Mapping[datetime, Hour], job_type: str) -> Tally:
    """What these hours have of one job type together."""
    total = Tally()
    for hour in hours.values():
        one = hour.job_types.get(job_type, Tally())
        total.ended += one.ended
        total.enqueued += one.enqueued
        total.retried += one.retried
        total.durations += one.durations
    return total
