"""``workerless schedules create`` and ``delete``: schedules that are made at run time."""

from datetime import datetime
from itertools import islice
from typing import Annotated

import typer

from workerless.cli.confirm import Yes, confirm
from workerless.cli.duration import duration
from workerless.cli.instant import instant
from workerless.cli.output import people, print_json, safe
from workerless.cli.payload_argument import read_payload_argument
from workerless.cli.setting import setting_of
from workerless.errors import ScheduleNotFoundError
from workerless.operations.schedule_service import Schedules
from workerless.schedule.describe import describe
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Missed, Overlap
from workerless.schedule.when import read_when
from workerless.scheduling.wanted import WantedSchedule

_TICKS_SHOWN = 5


def create(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="What you call it.")],
    payload: Annotated[
        str, typer.Argument(metavar="JSON", help="The payload; - reads stdin, @FILE a file.")
    ] = "{}",
    *,
    when: Annotated[
        str, typer.Option(help="'0 9 * * 1-5', @daily, 'rate(5 minutes)', 'at(2026-12-01T09:00)'.")
    ],
    timezone: Annotated[str, typer.Option(help="Whose clocks count, as Europe/Berlin.")] = "UTC",
    overlap: Annotated[
        Overlap, typer.Option(help="What a tick does while the run before goes on.")
    ] = Overlap.SKIP,
    missed: Annotated[
        Missed, typer.Option(help="What becomes of ticks that did not come in time.")
    ] = Missed.LATEST,
    window: Annotated[str, typer.Option(help="How old a missed tick may be and run.")] = "1d",
    tolerance: Annotated[str, typer.Option(help="How late a tick may be.")] = "5m",
    start: Annotated[
        str | None, typer.Option("--from", help="Not before that, as in ISO 8601; UTC.")
    ] = None,
    end: Annotated[str | None, typer.Option("--until", help="Only before that.")] = None,
    spread: Annotated[str, typer.Option(help="AWS may choose within that time.")] = "0s",
    tenant: Annotated[str | None, typer.Option(help="Whose jobs they are.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="A word to find its jobs by; up to five.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Check it, and tell when it would be due.")] = False,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
) -> None:
    """Make a schedule, or change the one with this key.

    Needs a checkout that declares TYPE: the payload is checked against it.
    """
    setting = setting_of(ctx)
    schedules = setting.operations().schedules
    plan = schedules.plan(
        job_type,
        WantedSchedule(
            key=key,
            when=read_when(when, timezone),
            data=read_payload_argument(payload),
            overlap=overlap,
            missed=missed,
            window=duration("--window", window),
            tolerance=duration("--tolerance", tolerance),
            start=instant("--from", start) if start else None,
            end=instant("--until", end) if end else None,
            spread=duration("--spread", spread),
            tenant=tenant,
            tags=tuple(tags or ()),
        ),
    )
    became = _would_become(schedules, plan) if dry_run else _put(schedules, plan, why)
    _tell(plan, became, now=setting.world.now(), as_json=setting.as_json)


def _would_become(schedules: Schedules, plan: Plan) -> str:
    try:
        known = schedules.show(plan.schedule_id)
    except ScheduleNotFoundError:
        return "would be created"
    return "is like that" if known.plan == plan else "would be changed"


def _put(schedules: Schedules, plan: Plan, why: str | None) -> str:
    kept = schedules.put(plan, why=why)
    return "created" if kept.created else "changed" if kept.changed else "was like that"


def _tell(plan: Plan, became: str, *, now: datetime, as_json: bool) -> None:
    ticks = list(islice(plan.timetable.after(now), _TICKS_SHOWN))
    if as_json:
        print_json(
            {
                "schedule": plan.schedule_id,
                "became": became,
                "is_due": describe(plan.when),
                "ticks": [tick.isoformat() for tick in ticks],
            }
        )
        return
    people().print(safe(f"{plan.schedule_id}: {became}; {describe(plan.when)}"))
    for tick in ticks:
        people().print(f"{tick:%Y-%m-%d %H:%M} UTC")


def delete(
    ctx: typer.Context,
    schedule: Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its id: TYPE--KEY.")],
    *,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
    yes: Yes = False,
) -> None:
    """End a schedule that was made at run time; what was started goes on."""
    setting = setting_of(ctx)
    schedules = setting.operations().schedules
    plan = schedules.show(schedule).plan
    due = f" ({describe(plan.when)})" if plan else ""
    confirm(setting, f"Delete {schedule}{due}?", yes=yes)
    schedules.delete(schedule, why=why)
    if setting.as_json:
        print_json({"schedule": schedule, "became": "deleted"})
    else:
        people().print(safe(f"{schedule}: deleted"))
