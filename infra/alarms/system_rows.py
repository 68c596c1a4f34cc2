"""Rows of what serves a stage."""

from datetime import timedelta

from infra.alarms import queue_rows
from infra.alarms.row import AlarmProfile, Measure, Row, Severity

_LATE = timedelta(minutes=15)


def queue(work: str, letters: str, *, waits: str, dead: str) -> list[Row]:
    """Of a queue of the stage's own: ``waits`` and ``dead`` say of what."""
    return [
        queue_rows.dead_letters(letters, dead),
        queue_rows.oldest_age(work, _LATE, meaning=f"{waits} for more than 15 minutes"),
    ]


def missed_dynamic_schedule(place: str, name: str) -> Row:
    """Of schedules made at run time: those that are declared have their job type's alarm."""
    return Row(
        name="schedule-missed",
        meaning="a schedule made at run time was due and no tick came within its tolerance",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={"missed": Measure(place=place, name=name, statistic="Sum")},
        datapoints=1,
        periods=15,
    )


def sweeper_stopped(sweeper: str, queue: str) -> Row:
    """A queue that is read, which SQS counts each minute, tells a stopped sweeper from a new stage.

    Not what else is called by the clock: with EventBridge Scheduler both would stop, and nobody
    would hear of it.
    """
    return Row(
        name="sweeper-stopped",
        meaning="nothing has called the sweeper for ten minutes: parked and lost jobs wait",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={
            "swept": Measure(place=sweeper, name="Invocations", statistic="Sum"),
            "waiting": Measure(place=queue, name=queue_rows.VISIBLE, statistic="Maximum"),
        },
        expression=queue_rows.told_by("waiting", "(waiting >= 0) > (FILL(swept, 0) > 0)"),
        datapoints=10,
        periods=10,
    )


def events_late(place: str) -> Row:
    """By the age of what the publisher reads."""
    return Row(
        name="events-late",
        meaning="events of jobs are told more than 15 minutes late",
        severity=Severity.WARNING,
        profile=AlarmProfile.BASIC,
        measures={"age": Measure(place=place, name="IteratorAge", statistic="Maximum")},
        threshold=_LATE.total_seconds() * 1_000,
        datapoints=1,
        periods=5,
    )


def events_left_out(place: str) -> Row:
    """Most of a day was not enough."""
    return Row(
        name="events-left-out",
        meaning="events of jobs could not be told for most of a day, and were left out",
        severity=Severity.WARNING,
        profile=AlarmProfile.BASIC,
        measures={"left": Measure(place=place, name=queue_rows.VISIBLE, statistic="Maximum")},
        datapoints=1,
        periods=15,
    )


def undelivered(place: str, queue_name: str) -> Row:
    """Of rules and subscriptions that send to a job type's queue."""
    return Row(
        name="undelivered",
        meaning=f"events did not reach its queue, and wait in {queue_name}",
        severity=Severity.WARNING,
        profile=AlarmProfile.BASIC,
        measures={"letters": Measure(place=place, name=queue_rows.VISIBLE, statistic="Maximum")},
        datapoints=1,
        periods=15,
    )
