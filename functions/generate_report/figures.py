"""The figures of one day, out of the counts of its hours. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from functions.generate_report.day import HOUR
from functions.generate_report.duration import percentile_ms
from functions.generate_report.tally import Hour, Tally, summed
from workerless import State, Tracking
from workerless.search import Count

# Completed and discarded jobs of other types leave no row: nobody can count them.
_COUNTED = {
    Tracking.FULL: frozenset({State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED}),
    Tracking.LEAN: frozenset({State.FAILED, State.CANCELLED}),
    Tracking.OFF: frozenset({State.FAILED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One job type's day; None is what its tracking does not tell.

    ``enqueued`` are jobs enqueued that day, whenever they end; all others are of jobs that ended
    that day. ``retried`` took more than one attempt. ``dead_letters`` are failed jobs of any day
    that are still there. ``p50_ms`` and ``p95_ms`` are of last attempts.
    """

    job_type: str
    enqueued: Count | None
    completed: int | None
    failed: int
    discarded: int | None
    cancelled: int | None
    retried: int | None
    dead_letters: Count
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One hour of the day: ``start`` on the clocks of the zone; None where it was not counted."""

    start: datetime
    completed: int | None
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One day. It is over if ``until`` is its end, else the figures are those until then.

    ``missing`` hours were not counted in time, or are still to come; ``doubtful`` ones maybe not
    in full.
    """

    day: date
    zone: str
    until: datetime
    is_over: bool
    lines: Sequence[Line]
    bars: Sequence[Bar]
    missing: Sequence[datetime]
    doubtful: Sequence[datetime]

    @property
    def notes(self) -> list[str]:
        """What a reader must know so as not to be misled, a sentence each."""
        notes = []
        if not self.is_over:
            notes.append(f"the day was not over: these are the figures until {self.until:%H:%M}")
        if self.missing:
            notes.append(f"not counted, their jobs are missing: {_hours(self.missing)}")
        if self.doubtful:
            notes.append(
                f"counted late or not to the end, jobs may be missing: {_hours(self.doubtful)}"
            )
        if any(line.completed is None for line in self.lines):
            notes.append("unknown: job types that are not fully tracked leave nothing to count")
        return notes

    def total(self, name: str) -> int:
        """Of all job types, as far as it is told."""
        return sum(getattr(line, name) or 0 for line in self.lines)


def line(
    job_type: str,
    tracking: Tracking,
    *,
    day: Mapping[datetime, Hour],
    enqueued: Count,
    dead_letters: Count,
) -> Line:
    """``day`` are the hours of the day that were counted."""
    tally, counted = summed(day, job_type), _COUNTED[tracking]

    def ended(state: State) -> int | None:
        return tally.ended[state] if state in counted else None

    is_full = tracking is Tracking.FULL
    return Line(
        job_type=job_type,
        enqueued=enqueued if is_full else None,
        completed=ended(State.COMPLETED),
        failed=tally.ended[State.FAILED],
        discarded=ended(State.DISCARDED),
        cancelled=ended(State.CANCELLED),
        retried=tally.retried if is_full else None,
        dead_letters=dead_letters,
        p50_ms=percentile_ms(tally.durations, 50) if is_full else None,
        p95_ms=percentile_ms(tally.durations, 95) if is_full else None,
    )


def bar(start: datetime, hour: Hour | None) -> Bar:
    """``start`` as the clocks of the zone show it."""
    tallies = hour.job_types.values() if hour else [Tally()]
    completed = sum(one.ended[State.COMPLETED] for one in tallies)
    failed = sum(one.ended[State.FAILED] for one in tallies)
    return Bar(start=start, completed=completed if hour else None, failed=failed)


def _hours(starts: Sequence[datetime]) -> str:
    """As few ranges as there are, from the first moment to the one after the last."""
    ranges: list[list[datetime]] = []
    for start in starts:
        if not ranges or start.timestamp() != ranges[-1][1].timestamp():
            ranges.append([start, start])
        ranges[-1][1] = (start.astimezone(UTC) + HOUR).astimezone(start.tzinfo)
    return ", ".join(f"{first:%H:%M}-{end:%H:%M}" for first, end in ranges)
