"""``workerless schedules``: where they stand, when they are due, pause, run one, fill a range."""

from collections.abc import Sequence
from typing import Annotated

import typer

from workerless.cli.duration import duration
from workerless.cli.instant import instant
from workerless.cli.output import people, print_json, safe
from workerless.cli.schedule_making import create, delete
from workerless.cli.schedule_view import (
    jobs_of,
    print_schedule,
    print_schedules,
    shape,
    standing,
    told_tick,
)
from workerless.cli.setting import setting_of
from workerless.operations.veiling import veiled
from workerless.schedule.stand import Reprocess, Stand
from workerless.scheduling.control import MOST_SHOWN, Candidate

commands = typer.Typer(
    help="Schedules: when they are due, how they stand, pause, run one, fill a range.",
    add_completion=False,
)
commands.command()(create)
commands.command()(delete)
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
    now, operations = setting.world.now(), setting.operations()
    page = operations.schedules.list(limit=limit, cursor=cursor)
    last = [run.job_id for one in page.found if (run := one.last_run) and run.job_id]
    states = operations.jobs.states(last)
    if setting.as_json:
        shapes = [shape(veiled(one, operations.jobs), states, now) for one in page.found]
        print_json({"schedules": shapes, "cursor": page.cursor})
        return
    print_schedules(people(), page.found, states, now)
    if page.cursor:
        people(stderr=True).print(safe(f"more: --cursor '{page.cursor}'"))


@commands.command()
def show(ctx: typer.Context, schedule: ScheduleId) -> None:
    """Show one: what its jobs are like, how it stands, and its last runs."""
    setting = setting_of(ctx)
    now, operations = setting.world.now(), setting.operations()
    stand = veiled(operations.schedules.show(schedule), operations.jobs)
    states = operations.jobs.states(jobs_of(stand))
    if setting.as_json:
        print_json(shape(stand, states, now))
    else:
        print_schedule(people(), stand, states, now)


@commands.command("next")
def next_ticks(
    ctx: typer.Context,
    schedule: ScheduleId,
    *,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=1_000)] = 5,
) -> None:
    """Tell when it is due next."""
    setting = setting_of(ctx)
    schedules = setting.operations().schedules
    ticks, stand = schedules.next(schedule, number), schedules.show(schedule)
    if setting.as_json:
        print_json({"schedule": schedule, "ticks": [tick.isoformat() for tick in ticks]})
        return
    for tick in ticks:
        people().print(told_tick(tick, stand))
    if not ticks:
        people().print("never")


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
    setting, begin, end = setting_of(ctx), instant("--from", first), instant("--to", last)
    schedules = setting.operations().schedules
    if dry_run:
        found = schedules.preview(schedule, first=begin, last=end, reprocess=reprocess)
        _looked(ctx, schedules.show(schedule), found)
        return
    schedules.backfill(schedule, first=begin, last=end, limit=limit, reprocess=reprocess, why=why)
    _told(ctx, schedule)


@commands.command()
def stop(ctx: typer.Context, schedule: ScheduleId, *, why: Why = None) -> None:
    """End a backfill before its time; runs that were started go on."""
    setting_of(ctx).operations().schedules.stop(schedule, why=why)
    _told(ctx, schedule)


def _looked(ctx: typer.Context, stand: Stand, found: Sequence[Candidate]) -> None:
    """What a dry run found."""
    ticks, at_least = [one.tick for one in found if one.runs], len(found) == MOST_SHOWN
    left_out = len(found) - len(ticks)
    if setting_of(ctx).as_json:
        told = [tick.isoformat() for tick in ticks]
        counted = {"left_out": left_out, "at_least": at_least}
        print_json({"schedule": stand.schedule_id, "ticks": told, **counted})
        return
    for tick in ticks:
        people().print(told_tick(tick, stand))
    people().print(f"{len(ticks)} ticks would run, {left_out} would not")
    if at_least:
        people().print(f"only the first {MOST_SHOWN:,} of the range were looked at")


def _told(ctx: typer.Context, schedule: str) -> None:
    """How it stands now."""
    setting = setting_of(ctx)
    now, operations = setting.world.now(), setting.operations()
    stand = veiled(operations.schedules.show(schedule), operations.jobs)
    if setting.as_json:
        print_json(shape(stand, {}, now))
    else:
        people().print(safe(f"{schedule}: {standing(stand, now)}"))
