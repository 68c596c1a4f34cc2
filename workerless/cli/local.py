"""``workerless local up``, ``down``, ``status``, ``logs``; the others are in ``local_*``."""

from typing import Annotated

import typer

from workerless.cli import local_alarms, local_view
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import Setting, setting_of
from workerless.local.errors import NotRunningError
from workerless.local.inventory import Deployed, inventory, log_lines
from workerless.local.start import DEFAULT_PORT
from workerless.local.state import Running

commands = typer.Typer(help="The local cloud: your stacks on this machine.", add_completion=False)
commands.command()(local_view.metrics)
commands.command()(local_alarms.alarms)
commands.command()(local_view.dashboard)


@commands.command()
def up(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Another one is used when it is taken.")
    ] = DEFAULT_PORT,
) -> None:
    """Start the local cloud unless it runs, and deploy every stack to it."""
    setting = setting_of(ctx)
    console = people(stderr=True)
    with console.status("starting") as spinner:

        def tell(text: str) -> None:
            spinner.update(safe(text))
            console.print(safe(text))

        running = setting.cloud().up(port=port, tell=tell)
    _show(setting, running)


@commands.command()
def down(ctx: typer.Context) -> None:
    """End the local cloud with everything it started; its jobs are gone with it."""
    setting = setting_of(ctx)
    ended = setting.cloud().down()
    if setting.as_json:
        print_json({"running": False, "ended_pid": ended.pid if ended else None})
    else:
        people().print(f"ended process {ended.pid}" if ended else "was not running")


@commands.command()
def status(ctx: typer.Context) -> None:
    """Show whether it runs, where, and what is in its queues."""
    setting = setting_of(ctx)
    try:
        running = setting.cloud().running()
    except NotRunningError:
        if setting.as_json:
            print_json({"running": False})
        raise
    _show(setting, running)


@commands.command()
def logs(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    limit: Annotated[int, typer.Option(min=1, help="How many of the last lines.")] = 100,
) -> None:
    """Show what a job type's function wrote, once its invocations have ended."""
    setting = setting_of(ctx)
    port = setting.cloud().running().port
    functions = {one.job_type: one.function for one in inventory(port)}
    if job_type not in functions:
        raise CommandError(
            f"type must be one of {', '.join(functions) or 'none, nothing is deployed'}, "
            f"got {job_type!r}",
            ExitCode.NOT_FOUND,
        )
    lines = log_lines(port, functions[job_type], limit=limit)
    if setting.as_json:
        print_json(lines)
    else:
        people().print("\n".join(safe(line) for line in lines))


def _show(setting: Setting, running: Running) -> None:
    deployed = inventory(running.port)
    if setting.as_json:
        print_json(
            {
                "running": True,
                "pid": running.pid,
                "port": running.port,
                "endpoint": running.endpoint,
                "job_types": deployed,
            }
        )
        return
    console = people()
    console.print(f"local cloud at {running.endpoint}, process {running.pid}")
    console.print()
    headings = ("job type", "waiting", "in flight", "delayed", "dead")
    print_table(console, headings, [_row(one) for one in deployed])
    console.print()
    print_table(console, ("queue",), [(one.queue,) for one in deployed])


def _row(one: Deployed) -> tuple[object, ...]:
    return (one.job_type, one.visible, one.in_flight, one.delayed, one.dead)
