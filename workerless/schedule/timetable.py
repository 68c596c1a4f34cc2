"""All ticks of a schedule, computed without asking AWS."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

from workerless.errors import DeclarationError
from workerless.schedule import wall
from workerless.schedule.when import Cron, Every, Once, When, read_cron, zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """The ticks of ``when`` from ``start`` on and before ``end``, where these are given.

    Raises ``DeclarationError`` for a bound without a zone, or an end that is not after the start.
    """

    when: When
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for name, bound in (("start", self.start), ("end", self.end)):
            if bound is not None and bound.tzinfo is None:
                raise DeclarationError(f"{name} must have a time zone, got {bound.isoformat()}")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise DeclarationError(
                f"end must be after start ({self.start.isoformat()}), got {self.end.isoformat()}"
            )

    def after(self, instant: datetime) -> Iterator[datetime]:
        """The ticks later than ``instant``, in UTC, earliest first: maybe none, maybe endless."""
        if self.start is not None:
            instant = max(instant, self.start - _INSTANT)
        for tick in self._after(instant):
            if self.end is not None and tick >= self.end:
                return
            yield tick

    def until(self, instant: datetime) -> datetime | None:
        """The latest tick at ``instant`` or before it."""
        if self.end is not None:
            instant = min(instant, self.end - _INSTANT)
        tick = self._until(instant)
        return tick if tick is not None and self._has_begun(tick) else None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The ticks later than ``after``, up to and with ``until``."""
        return takewhile(lambda tick: tick <= until, self.after(after))

    def accepts(self, scheduled_time: datetime) -> bool:
        """Whether a tick that AWS sends for this time is one of ours.

        AWS knows no bounds in the past, and fires an interval that does not divide a day more
        often than it is due (``translate``). The times of a cron expression are AWS' own to tell:
        its rules of the zones may be newer than ours.
        """
        if not self._has_begun(scheduled_time):
            return False
        if self.end is not None and scheduled_time >= self.end:
            return False
        return not isinstance(self.when, Every) or self.until(scheduled_time) == scheduled_time

    @property
    def shortest_gap(self) -> timedelta:
        """A time that any two ticks are apart at least, by the clock; at most a day."""
        match self.when:
            case Every(interval=interval):
                return min(interval, _DAY)
            case Once():
                return _DAY
            case Cron(expression=expression):
                chosen = read_cron(expression)
                ticks = sorted(60 * hour + one for hour in chosen.hours for one in chosen.minutes)
                around = [*ticks, ticks[0] + _DAY // _MINUTE]
                return min(later - one for one, later in pairwise(around)) * _MINUTE

    @property
    def anchor(self) -> datetime:
        """What intervals are counted from: the first whole minute of the start, or 1970."""
        if self.start is None:
            return _EPOCH
        return _EPOCH - (_EPOCH - self.start) // _MINUTE * _MINUTE

    def _has_begun(self, tick: datetime) -> bool:
        return self.start is None or tick >= self.start

    def _after(self, instant: datetime) -> Iterator[datetime]:
        match self.when:
            case Cron(expression=expression, timezone=name):
                yield from wall.ticks_after(read_cron(expression), zone(name), instant)
            case Every(interval=interval):
                tick = self.anchor + ((instant - self.anchor) // interval + 1) * interval
                while True:
                    yield tick
                    tick += interval
            case Once(at=at):
                if at > instant:
                    yield at.astimezone(UTC)

    def _until(self, instant: datetime) -> datetime | None:
        match self.when:
            case Cron(expression=expression, timezone=name):
                return next(wall.ticks_until(read_cron(expression), zone(name), instant), None)
            case Every(interval=interval):
                return self.anchor + (instant - self.anchor) // interval * interval
            case Once(at=at):
                return at.astimezone(UTC) if at <= instant else None
