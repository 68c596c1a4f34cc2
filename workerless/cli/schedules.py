"""``workerless schedules``: where they stand, when they are due, pause, run one, fill a range."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.schedule.describe import describe
from workerless.schedule.stand import Backfill, Reprocess, Run, Stand

commands = typer.Typer(
    help="Schedules: list, show, next, pause, resume, run, backfill.", add_completion=False
)
ScheduleId = Annotated[
    str, typer.Argument(metavar="SCHEDULE", help="Its id: JOBTYPE-NAME of a declared one.")
]
Why = Annotated[str | None, typer.Option(help="Why, for the audit.")]


@commands.command("list")
def list_schedules(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the last page ended.")] = None,
) -> None:
    """List the schedules: when they are due, the next time, what became of the last."""
    setting = setting_of(ctx)
    now, page = setting.world.now(), setting.operations().schedules.list(limit=limit, cursor=cursor)
    if setting.as_json:
        shapes = [_shape(one, now) for one in page.found]
        print_json({"schedules": shapes, "cursor": page.cursor})
        return
    rows = [(one.schedule_id, _when(one), _next(one, now), _last(one)) for one in page.found]
    print_table(people(), ("schedule", "is due", "next (UTC)", "last"), rows)
    if page.cursor:
        people(stderr=True).print(safe(f"more: --cursor '{page.cursor}'"))


@commands.command()
def show(ctx: typer.Context, schedule: ScheduleId) -> None:
    """Show one: how it stands, and its last runs."""
    setting = setting_of(ctx)
    now, stand = setting.world.now(), setting.operations().schedules.show(schedule)
    if setting.as_json:
        print_json(_shape(stand, now))
        return
    plan = stand.plan
    rows = {
        "schedule": stand.schedule_id,
        "is due": _when(stand),
        "next": _next(stand, now),
        "overlap": plan.overlap.value if plan else "",
        "missed": plan.missed.value if plan else "",
        "paused": _paused(stand),
        "backfill": _backfill(stand.backfill) if stand.backfill else "",
    }
    for name, value in rows.items():
        if value:
            people().print(f"{name:<10}{safe(value)}")
    table = [(_stamp(run.tick), run.outcome.value, run.count, run.job_id) for run in stand.runs]
    print_table(people(), ("tick (UTC)", "became", "ticks", "job"), table)


@commands.command("next")
def next_ticks(
    ctx: typer.Context,
    schedule: ScheduleId,
    *,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=1_000)] = 5,
) -> None:
    """Tell when it is due next."""
    setting = setting_of(ctx)
    ticks = setting.operations().schedules.next(schedule, number)
    if setting.as_json:
        print_json({"schedule": schedule, "ticks": [tick.isoformat() for tick in ticks]})
        return
    for tick in ticks:
        people().print(f"{_stamp(tick)} UTC")


@commands.command()
def pause(
    ctx: typer.Context,
    schedule: ScheduleId,
    *,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders; must be said.")],
    lasts: Annotated[
        str | None, typer.Option("--for", help="Resume by itself after that; else somebody must.")
    ] = None,
) -> None:
    """Have no tick of it run; it misses nothing by that."""
    setting = setting_of(ctx)
    until = setting.world.now() + duration("--for", lasts) if lasts else None
    setting.operations().schedules.pause(schedule, why=why, until=until)
    _told(ctx, schedule)


@commands.command()
def resume(ctx: typer.Context, schedule: ScheduleId, *, why: Why = None) -> None:
    """End a pause; it goes on with its next tick."""
    setting_of(ctx).operations().schedules.resume(schedule, why=why)
    _told(ctx, schedule)


@commands.command()
def run(ctx: typer.Context, schedule: ScheduleId, *, why: Why = None) -> None:
    """Enqueue its job now, whatever else runs."""
    setting = setting_of(ctx)
    job_id = setting.operations().schedules.run(schedule, why=why)
    if setting.as_json:
        print_json({"schedule": schedule, "job_id": job_id})
    else:
        people().print(safe(job_id))


@commands.command()
def backfill(
    ctx: typer.Context,
    schedule: ScheduleId,
    *,
    first: Annotated[str, typer.Option("--from", help="The first instant, as in ISO 8601; UTC.")],
    last: Annotated[str, typer.Option("--to", help="The last instant, included.")],
    limit: Annotated[int, typer.Option(help="So many at once.", min=1, max=100)] = 1,
    reprocess: Annotated[
        Reprocess, typer.Option(help="Which ticks run though they had a job.")
    ] = Reprocess.NONE,
    dry_run: Annotated[bool, typer.Option(help="Only tell which ticks would run.")] = False,
    why: Why = None,
) -> None:
    """Run the ticks of a range, later or again; `show` tells how far it is."""
    setting, begin, end = setting_of(ctx), _instant("--from", first), _instant("--to", last)
    schedules = setting.operations().schedules
    if dry_run:
        found = schedules.preview(schedule, first=begin, last=end, reprocess=reprocess)
        ticks = [one.tick for one in found if one.runs]
        if setting.as_json:
            told = [tick.isoformat() for tick in ticks]
            print_json({"schedule": schedule, "ticks": told, "left_out": len(found) - len(ticks)})
            return
        for tick in ticks:
            people().print(f"{_stamp(tick)} UTC")
        people().print(f"{len(ticks)} ticks would run, {len(found) - len(ticks)} would not")
        return
    schedules.backfill(schedule, first=begin, last=end, limit=limit, reprocess=reprocess, why=why)
    _told(ctx, schedule)


@commands.command()
def stop(ctx: typer.Context, schedule: ScheduleId, *, why: Why = None) -> None:
    """End a backfill before its time; runs that were started go on."""
    setting_of(ctx).operations().schedules.stop(schedule, why=why)
    _told(ctx, schedule)


def _told(ctx: typer.Context, schedule: str) -> None:
    """How it stands now."""
    setting = setting_of(ctx)
    now, stand = setting.world.now(), setting.operations().schedules.show(schedule)
    if setting.as_json:
        print_json(_shape(stand, now))
        return
    filled = _backfill(stand.backfill) if stand.backfill else ""
    stands = [one for one in (_paused(stand) or f"next {_next(stand, now)}", filled) if one]
    people().print(safe(f"{schedule}: {'; '.join(stands)}"))


def _shape(stand: Stand, now: datetime) -> dict[str, Any]:
    plan, pause, filled = stand.plan, stand.pause, stand.backfill
    following = next(iter(plan.timetable.after(now)), None) if plan else None
    return {
        "schedule": stand.schedule_id,
        "job_type": plan.job_type if plan else None,
        "is_due": describe(plan.when) if plan else None,
        "next": following.isoformat() if following else None,
        "tenant": plan.tenant if plan else None,
        "paused": {"by": pause.by, "at": pause.at, "why": pause.why, "until": pause.until}
        if pause
        else None,
        "backfill": vars(filled) | {"span": vars(filled.span)} if filled else None,
        "runs": [_run(one) for one in stand.runs],
    }


def _run(one: Run) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if value is not None}


def _when(stand: Stand) -> str:
    return describe(stand.plan.when) if stand.plan else ""


def _next(stand: Stand, now: datetime) -> str:
    if stand.pause is not None and stand.pause.until is None:
        return "paused"
    begin = max(now, stand.pause.until) if stand.pause and stand.pause.until else now
    ticks = iter(stand.plan.timetable.after(begin)) if stand.plan else iter(())
    following = next(ticks, None)
    return _stamp(following) if following else "never"


def _last(stand: Stand) -> str:
    if not stand.runs:
        return ""
    run = stand.runs[-1]
    return f"{_stamp(run.tick)} {run.outcome.value}"


def _paused(stand: Stand) -> str:
    pause = stand.pause
    if pause is None:
        return ""
    until = f" until {_stamp(pause.until)}" if pause.until else ""
    return f"paused since {_stamp(pause.at)}{until} UTC by {pause.by}: {pause.why}"


def _backfill(backfill: Backfill) -> str:
    is_over = f"over since {_stamp(backfill.finished_at)}" if backfill.finished_at else "goes on"
    counts = f"{backfill.started} started, {backfill.left_out} left out"
    return f"backfill up to {_stamp(backfill.span.until)} {is_over}: {counts}"


def _instant(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{option} must be an instant as in ISO 8601, like 2026-11-01T09:00, got {text!r}"
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
