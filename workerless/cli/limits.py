"""``workerless limits``: what holds instead of declared limits."""

from typing import Annotated

import typer

from workerless.cli.duration import duration
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.flow.settings import Override

commands = typer.Typer(
    help="Limits: what holds instead of the declared ones.", add_completion=False
)

Name = Annotated[str, typer.Argument(metavar="LIMIT", help="Its name, like rate:stripe.")]


@commands.command("list")
def list_limits(ctx: typer.Context) -> None:
    """List the limits that somebody changed, with who, when and why."""
    setting = setting_of(ctx)
    found = setting.operations().limits.list()
    if setting.as_json:
        print_json({"limits": [{"name": name, **one.shape()} for name, one in found.items()]})
        return
    rows = [
        (name, _pace(one), f"{one.at:%Y-%m-%d %H:%M:%S}", one.by, one.why)
        for name, one in found.items()
    ]
    if rows:
        print_table(people(), ("limit", "is", "since (UTC)", "by", "why"), rows)
    else:
        people(stderr=True).print("all limits are as they were declared")


@commands.command("set")
def set_limit(
    ctx: typer.Context,
    name: Name,
    limit: Annotated[int, typer.Argument(help="What holds instead; 0 stops what it limits.")],
    *,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders; must be said.")],
    per: Annotated[
        str | None, typer.Option(help="Of a rate: in which time; else the declared one.")
    ] = None,
) -> None:
    """Have another limit hold, within two seconds, until it is cleared."""
    setting = setting_of(ctx)
    time = duration("--per", per) if per else None
    done = setting.operations().limits.set(name, limit, why=why, per=time)
    if setting.as_json:
        print_json({"name": name, **done.shape()})
    else:
        people().print(safe(f"{name} is {_pace(done)}"))


@commands.command("clear")
def clear_limit(
    ctx: typer.Context,
    name: Name,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
) -> None:
    """Have the declared limit hold again."""
    setting = setting_of(ctx)
    ended = setting.operations().limits.clear(name, why=why)
    if setting.as_json:
        print_json({"name": name, "ended": ended.shape()})
    else:
        people().print(safe(f"{name} is as it was declared; it was {_pace(ended)}"))


def _pace(one: Override) -> str:
    return f"{one.limit}" if one.per is None else f"{one.limit} per {one.per}"
