"""From the records of a stage to the figures of days: what is counted is written down first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from functions.generate_report.count import Rows, count_hours, count_open
from functions.generate_report.day import HOUR, bounds, hour_of, hours_between
from functions.generate_report.figures import Figures, Line, bar, line
from functions.generate_report.files import Files
from functions.generate_report.tally import Hour
from workerless import State, Tracking
from workerless.search import Count

# What ended has reached the index by then.
_GRACE = timedelta(seconds=45)
# Completed jobs are kept for a day unless their type says otherwise.
_ON_RECORD = timedelta(hours=23)
# Jobs that take longer from being enqueued to their end count as enqueued if they are still open.
_ENDS_WITHIN = timedelta(days=1)
_MAX_DEAD = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The hours that were counted, by when they begin; ``new`` of them just now, for good."""

    hours: Mapping[datetime, Hour]
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What one run finds in a stage, of the job types in ``tracking``; ``zone`` is its days'."""

    rows: Rows
    tracking: Mapping[str, Tracking]
    files: Files
    zone: ZoneInfo
    now: datetime

    def count(self, days: Sequence[date]) -> Counts:
        """Count every hour that nobody has counted and that is on record still.

        Those that are over are written down. With them come the hours of ``days``, and those after
        them in which jobs of these days may have ended.
        """
        recent = hour_of(self.now - _ON_RECORD, self.zone)
        wanted = sorted({*hours_between(recent, self.now), *chain(*map(self._hours_of, days))})
        known = self.files.counts(wanted)
        # All are known where another worker's clock is ahead of this one.
        first = next((at for at in wanted if at >= recent and at not in known), self.now)
        found = count_hours(
            self.rows, list(self.tracking), first=first, now=self.now, zone=self.zone
        )
        new = [one for at, one in found.items() if at not in known and self._is_over(at)]
        for hour in new:
            self.files.write_count(hour)
        return Counts(hours={**found, **known}, new=len(new))

    def figures(self, day: date, counts: Counts) -> Figures:
        """Those of one of the days that were asked for with ``count``."""
        first, end = bounds(day, self.zone)
        until = min(end, self.now)
        starts = list(hours_between(first, end))
        counted = {at: counts.hours[at] for at in starts if at in counts.hours}
        missing = [at for at in starts if at not in counted and at < until]
        doubtful = [at for at, hour in counted.items() if hour.is_doubtful]
        names = {name for hour in counted.values() for name in hour.job_types}
        return Figures(
            day=day,
            zone=self.zone.key,
            until=self._local(until),
            is_over=self.now >= end,
            lines=[self._line(name, day, counts) for name in sorted(names | self.tracking.keys())],
            bars=[bar(self._local(at), counted.get(at)) for at in starts],
            missing=[self._local(at) for at in missing],
            doubtful=[self._local(at) for at in doubtful],
        )

    def _line(self, job_type: str, day: date, counts: Counts) -> Line:
        tracking = self.tracking.get(job_type, Tracking.FULL)
        first, end = bounds(day, self.zone)
        return line(
            job_type,
            tracking,
            day={at: hour for at, hour in counts.hours.items() if first <= at < end},
            enqueued=self._enqueued(job_type, day, counts)
            if tracking is Tracking.FULL
            else Count(number=0),
            dead_letters=self.rows.count(job_type, State.FAILED, at_most=_MAX_DEAD),
        )

    def _enqueued(self, job_type: str, day: date, counts: Counts) -> Count:
        """Those that have ended by now, and those that have not."""
        first, end = bounds(day, self.zone)
        hours = [counts.hours.get(at) for at in self._hours_of(day)]
        ended = sum(
            number
            for hour in hours
            if hour and job_type in hour.job_types
            for at, number in hour.job_types[job_type].enqueued.items()
            if first <= at < end
        )
        still, is_all = count_open(self.rows, job_type, first=first, until=end)
        is_whole = is_all and all(hour is not None and not hour.is_doubtful for hour in hours)
        return Count(number=ended + still, at_least=not is_whole)

    def _hours_of(self, day: date) -> list[datetime]:
        """Those in which jobs of the day may have ended."""
        first, end = bounds(day, self.zone)
        return list(hours_between(first, min(end + _ENDS_WITHIN, self.now)))

    def _is_over(self, at: datetime) -> bool:
        return at + HOUR + _GRACE <= self.now

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)
