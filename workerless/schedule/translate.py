"""From what a schedule says to what EventBridge Scheduler is told."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, timedelta
from math import gcd

from workerless.errors import DeclarationError
from workerless.schedule.aws import is_aws, write_aws
from workerless.schedule.calendar import MONTHS, Calendar
from workerless.schedule.timetable import Timetable
from workerless.schedule.when import Cron, Every, Once, read_cron

# Our own: more would be forty weekdays of forty weeks, which nobody reads any more.
MAX_EXPRESSIONS = 20
_MINUTES_OF_DAY = 1_440
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AwsExpression:
    """One schedule of EventBridge: ``expression`` on the clocks of ``timezone``."""

    expression: str
    timezone: str


def translate(timetable: Timetable) -> tuple[AwsExpression, ...]:
    """The expressions that fire at all ticks of ``timetable``.

    Together they fire at its ticks alone, but for bounds and for an interval that does not divide a
    day: that fires at the longest that does and divides it too, and ``Timetable.accepts`` tells
    which ticks count. ``rate`` would count from when AWS was told last. Two may fire at once; that
    is one tick. Raises ``DeclarationError`` when it would take more than 20.
    """
    match timetable.when:
        case Cron(expression=expression, timezone=zone) if is_aws(expression):
            return (AwsExpression(expression.strip(), zone),)
        case Cron(expression=expression, timezone=zone):
            written = write_aws(read_cron(expression))
            if len(written) > MAX_EXPRESSIONS:
                raise DeclarationError(
                    f"a cron expression must come to at most {MAX_EXPRESSIONS} of AWS, "
                    f"got {len(written)} for {expression!r}; split it in two"
                )
            return tuple(AwsExpression(one, zone) for one in written)
        case Every():
            calendars = _calendars(timetable, timetable.when)
            return tuple(AwsExpression(one, "UTC") for cal in calendars for one in write_aws(cal))
        case Once(at=at):
            return (AwsExpression(f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})", "UTC"),)


def told_to_scheduler(timetable: Timetable, *, knows_zones: bool) -> tuple[AwsExpression, ...]:
    """What a Scheduler is told; one that reads all in UTC fires each minute where that is wrong.

    Whoever takes the ticks knows which of them count.
    """
    expressions = translate(timetable)
    if knows_zones or all(one.timezone == "UTC" for one in expressions):
        return expressions
    return (AwsExpression("cron(* * * * ? *)", "UTC"),)


def _calendars(timetable: Timetable, every: Every) -> list[Calendar]:
    """Hours with the same minutes are one expression: 90 minutes are two, 32 are eight."""
    step = gcd(every.interval // _MINUTE, _MINUTES_OF_DAY)
    first = (timetable.anchor - Timetable(every).anchor) // _MINUTE % step
    minutes_of_hour: dict[int, list[int]] = defaultdict(list)
    for minute in range(first, _MINUTES_OF_DAY, step):
        minutes_of_hour[minute // 60].append(minute % 60)
    hours_of_minutes: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for hour, minutes in minutes_of_hour.items():
        hours_of_minutes[tuple(minutes)].append(hour)
    return [
        Calendar(minutes=frozenset(minutes), hours=frozenset(hours), months=frozenset(MONTHS))
        for minutes, hours in hours_of_minutes.items()
    ]
