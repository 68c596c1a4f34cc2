"""``workerless queues pause`` and ``resume``, and how a pause is told."""

from typing import Annotated

import typer

from workerless.cli.duration import duration
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import JobTypeName
from workerless.cli.setting import setting_of
from workerless.flow.settings import Pause

Tenant = Annotated[str | None, typer.Option(help="Only jobs of this tenant.")]


def pause(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders; must be said.")],
    lasts: Annotated[
        str | None, typer.Option("--for", help="Resume by itself after that; else somebody must.")
    ] = None,
    tenant: Tenant = None,
) -> None:
    """Have no job of a type start, or none of one tenant; those that run go on."""
    setting = setting_of(ctx)
    until = setting.world.now() + duration("--for", lasts) if lasts else None
    done = setting.operations().flow.pause(job_type, why=why, until=until, tenant=tenant)
    if setting.as_json:
        print_json({"name": job_type, **done.shape()})
    else:
        people().print(safe(f"{job_type}: {told(done)}"))


def resume(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
    tenant: Tenant = None,
) -> None:
    """End a pause."""
    setting = setting_of(ctx)
    ended = setting.operations().flow.resume(job_type, why=why, tenant=tenant)
    if setting.as_json:
        print_json({"name": job_type, "ended": ended.shape()})
    else:
        people().print(safe(f"{job_type}: resumed; it was {told(ended)}"))


def told(pause: Pause) -> str:
    """``paused since ... until ... by ...: why``."""
    whose = f" for tenant {pause.tenant}" if pause.tenant is not None else ""
    until = f" until {pause.until:%Y-%m-%d %H:%M:%S}" if pause.until else ""
    return f"paused{whose} since {pause.at:%Y-%m-%d %H:%M:%S}{until} UTC by {pause.by}: {pause.why}"
