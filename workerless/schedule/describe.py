"""When a schedule is due, for people."""

from datetime import UTC, datetime

from workerless.schedule.calendar import Calendar, written
from workerless.schedule.unix import write_unix
from workerless.schedule.when import Cron, Every, Once, When, interval_text, read_cron


def describe(when: When) -> str:
    """One line in English, like ``At 09:00 on Monday through Friday (Europe/Berlin)``."""
    match when:
        case Cron(expression=expression, timezone=timezone):
            return f"{_chosen(read_cron(expression))} ({timezone})"
        case Every(interval=interval):
            return f"Every {interval_text(interval).removeprefix('1 ')}"
        case Once(at=at):
            return f"Once, on {at.astimezone(UTC):%Y-%m-%d at %H:%M:%S} (UTC)"


def _chosen(calendar: Calendar) -> str:
    from cronsim import CronSim  # noqa: PLC0415 -- only people ask

    text = CronSim(write_unix(calendar), datetime(1970, 1, 1)).explain()  # noqa: DTZ001 -- not looked at
    if calendar.workdays:
        text += ", or the nearest day from Monday to Friday in that month"
    if calendar.years is not None:
        text += f", in {written(calendar.years, range(0), step='').replace(',', ', ')}"
    return text
