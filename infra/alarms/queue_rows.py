"""Rows of queues: what waits in them, for how long, and whether anybody takes it."""

import math
from datetime import timedelta

from infra.alarms.row import AlarmProfile, Measure, Row, Severity

VISIBLE = "ApproximateNumberOfMessagesVisible"
HIDDEN = "ApproximateNumberOfMessagesNotVisible"
AGE = "ApproximateAgeOfOldestMessage"
_DELETED = "NumberOfMessagesDeleted"
_MINUTE = timedelta(minutes=1)
# What Lambda counts of a mapping: nothing once it has stopped, and 0 where it found none.
_POLLED = "PolledEventCount"
_CRITICAL_DEPTH, _WARNING_DEPTH = 10_000, 5_000
_MANY_LETTERS, _FAST = 100, 50


def told_by(measure: str, expression: str) -> str:
    """``expression`` where there is a point of ``measure``, and none where there is none.

    SQS tells a minute or two late. What FILL makes of the newest minutes would be good points for
    ever, and an alarm that wants all of its points bad would never ring; points that are missing
    have CloudWatch take older ones.
    """
    return f"({expression}) + 0 * {measure}"


def dead_letters(place: str, meaning: str) -> Row:
    """Visible, not sent: what SQS itself moves there counts as sent nowhere.

    The sweeper hides letters for ten minutes at most: that must not put the alarm out.
    """
    return Row(
        name="dead-letters",
        meaning=meaning,
        severity=Severity.INFO,
        profile=AlarmProfile.BASIC,
        measures={"letters": Measure(place=place, name=VISIBLE, statistic="Maximum")},
        datapoints=1,
        periods=15,
    )


def many_letters(place: str) -> Row:
    """More than somebody reads one by one."""
    return Row(
        name="dead-letters-many",
        meaning=f"more than {_MANY_LETTERS} jobs failed for good and wait for somebody",
        severity=Severity.WARNING,
        profile=AlarmProfile.FULL,
        measures={"letters": Measure(place=place, name=VISIBLE, statistic="Maximum")},
        threshold=_MANY_LETTERS,
        datapoints=1,
        periods=15,
    )


def growing_letters(place: str) -> Row:
    """By all letters, hidden ones too: what the sweeper looked at and left has not grown.

    Averages, since those of both can be added; and what was not there five minutes ago.
    """
    return Row(
        name="dead-letters-growing",
        meaning=f"dead letters grow by more than {_FAST} in five minutes",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.FULL,
        measures={
            "visible": Measure(place=place, name=VISIBLE, statistic="Average"),
            "hidden": Measure(place=place, name=HIDDEN, statistic="Average"),
        },
        expression="DIFF(visible + hidden)",
        threshold=_FAST,
        minutes=5,
        datapoints=1,
        periods=2,
    )


def oldest_age(place: str, limit: timedelta, *, meaning: str, tail: str = "") -> Row:
    """A queue that stands still; in one that moves, SQS leaves out what was received three times.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    return Row(
        name="oldest-age",
        meaning=meaning,
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={"age": Measure(place=place, name=AGE, statistic="Maximum")},
        threshold=limit.total_seconds(),
        datapoints=5,
        periods=5,
        tail=tail,
        stands_still=True,
    )


def depths(place: str, *, tail: str = "") -> list[Row]:
    """Of each queue by itself: what waits in one lane does not wait in another."""
    return [
        _depth("queue-depth-critical", Severity.CRITICAL, _CRITICAL_DEPTH, place, tail),
        _depth("queue-depth-warning", Severity.WARNING, _WARNING_DEPTH, place, tail),
    ]


def _depth(name: str, severity: Severity, limit: int, place: str, tail: str) -> Row:
    return Row(
        name=name,
        meaning=f"more than {limit:,} jobs have been waiting for ten minutes",
        severity=severity,
        profile=AlarmProfile.FULL,
        measures={"waiting": Measure(place=place, name=VISIBLE, statistic="Maximum")},
        threshold=limit,
        datapoints=10,
        periods=10,
        tail=tail,
        stands_still=severity is Severity.CRITICAL,
    )


def nothing_processed(place: str, patience: timedelta, *, tail: str = "") -> Row:
    """Only while something waits: an idle queue processes nothing, and is well.

    SQS' own count of what left the queue: it is there, and 0, where no job ever ended. Of two
    claims the first is greater where it alone holds. ``patience`` is what one long job, or the gap
    that a rate limit makes, explains.
    """
    minutes = max(5, math.ceil(patience / _MINUTE))
    return Row(
        name="no-jobs-processed",
        meaning=f"jobs wait, and none has ended for {minutes} minutes",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={
            "waiting": Measure(place=place, name=VISIBLE, statistic="Maximum"),
            "ended": Measure(place=place, name=_DELETED, statistic="Sum"),
        },
        expression=told_by("waiting", "(waiting > 0) > (FILL(ended, 0) > 0)"),
        datapoints=minutes,
        periods=minutes,
        tail=tail,
        stands_still=True,
    )


def mapping_stopped(place: str, queue: str, *, tail: str = "") -> Row:
    """Its count missing, where the queue's is there: a new stage has neither.

    Right also where FILL makes nothing of a metric that is not there at all: to a comparison
    with another series what is missing is 0.
    """
    return Row(
        name="mapping-stopped",
        meaning="nothing reads the queue: its mapping has not polled for 15 minutes",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.FULL,
        measures={
            "polled": Measure(place=place, name=_POLLED, statistic="Sum"),
            "waiting": Measure(place=queue, name=VISIBLE, statistic="Maximum"),
        },
        expression=told_by("waiting", "(waiting >= 0) > (FILL(polled, -1) >= 0)"),
        datapoints=15,
        periods=15,
        tail=tail,
        stands_still=True,
    )
