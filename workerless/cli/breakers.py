"""``workerless breakers``: how circuit breakers stand, and closing one by hand."""

from datetime import datetime
from typing import Annotated, Any

import typer

from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.flow.breaker import Breaker

commands = typer.Typer(help="Circuit breakers: how they stand, close one.", add_completion=False)


@commands.command("list")
def list_breakers(ctx: typer.Context) -> None:
    """List the breakers of what the job types of this checkout need."""
    setting = setting_of(ctx)
    now, found = setting.world.now(), setting.operations().breakers.list()
    if setting.as_json:
        print_json({"breakers": [_shape(name, one, now) for name, one in found.items()]})
        return
    rows = [
        (name, one.stand(now).value, _until(one, now), one.failures, one.trips)
        for name, one in found.items()
    ]
    if rows:
        headings = ("dependency", "is", "until (UTC)", "failures", "opened in a row")
        print_table(people(), headings, rows)
    else:
        people(stderr=True).print("no job type of this checkout declares what it needs")


@commands.command("close")
def close_breaker(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DEPENDENCY", help="Its name.")],
    *,
    why: Annotated[str, typer.Option(help="Why, for the audit; must be said.")],
) -> None:
    """Have jobs start again at once, slowly at first; it opens anew if these fail."""
    setting = setting_of(ctx)
    was = setting.operations().breakers.close(name, why=why)
    now = setting.world.now()
    if setting.as_json:
        print_json({"name": name, "was": was.stand(now).value})
    else:
        people().print(safe(f"{name} is closed; it was {was.stand(now).value}"))


def _shape(name: str, one: Breaker, now: datetime) -> dict[str, Any]:
    until = one.shut_until(now)
    return {
        "name": name,
        "stand": one.stand(now).value,
        "until": until.isoformat() if until > now else None,
        "failures": one.failures,
        "in_a_row": one.trips,
    }


def _until(one: Breaker, now: datetime) -> str:
    until = one.shut_until(now)
    return f"{until:%Y-%m-%d %H:%M:%S}" if until > now else "-"
