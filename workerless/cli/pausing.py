"""``workerless queues pause`` and ``resume``, and how a pause is told."""

from typing import Annotated

import typer

from workerless.cli.duration import duration
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import JobTypeName
from workerless.cli.setting import setting_of
from workerless.flow.settings import Pause

Lane = Annotated[str | None, typer.Option(help="Only jobs of this lane.")]
Tenant = Annotated[str | None, typer.Option(help="Only jobs of this tenant.")]


def pause(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders; must be said.")],
    lasts: Annotated[
        str | None, typer.Option("--for", help="Resume by itself after that; else somebody must.")
    ] = None,
    lane: Lane = None,
    tenant: Tenant = None,
) -> None:
    """Have no job of a type start, of one lane or of one tenant; those that run go on."""
    setting = setting_of(ctx)
    until = setting.world.now() + duration("--for", lasts) if lasts else None
    done = setting.operations().flow.pause(job_type, why=why, until=until, lane=lane, tenant=tenant)
    if setting.as_json:
        print_json({"name": job_type, **done.shape()})
    else:
        people().print(safe(f"{job_type}: {told(done)}"))


def resume(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
    lane: Lane = None,
    tenant: Tenant = None,
) -> None:
    """End a pause; those of its jobs that were held back run now."""
    setting = setting_of(ctx)
    ended = setting.operations().flow.resume(job_type, why=why, lane=lane, tenant=tenant)
    if setting.as_json:
        print_json({"name": job_type, "ended": ended.shape()})
    else:
        people().print(safe(f"{job_type}: resumed; it was {told(ended)}"))


def told(pause: Pause) -> str:
    """``paused since ... until ... by ...: why``."""
    scopes = (("lane", pause.lane), ("tenant", pause.tenant))
    whose = "".join(f" for {kind} {name}" for kind, name in scopes if name is not None)
    until = f" until {pause.until:%Y-%m-%d %H:%M:%S}" if pause.until else ""
    return f"paused{whose} since {pause.at:%Y-%m-%d %H:%M:%S}{until} UTC by {pause.by}: {pause.why}"
