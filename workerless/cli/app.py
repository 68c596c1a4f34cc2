"""The entry point: the root of the command line and what it is made of.

One module a command or group; what went wrong becomes an exit code in ``group.py`` only.
"""

from typing import Annotated

import typer

from workerless import environment
from workerless.cli import (
    audit,
    breakers,
    contract,
    cost,
    dead,
    docs,
    doctor,
    enqueue,
    flow,
    follow,
    health,
    jobs,
    limits,
    local,
    move,
    new,
    operations,
    queues,
    releases,
    schedules,
    schema,
    worker,
    workflows,
)
from workerless.cli.exit_code import MEANINGS
from workerless.cli.group import CommandLine
from workerless.cli.setting import Setting, World
from workerless.local.deploy import STAGE as LOCAL
from workerless.naming import check_stage

_EPILOG = "Exit codes: " + "; ".join(f"{code.value} {said}" for code, said in MEANINGS.items())

app = typer.Typer(
    cls=CommandLine,
    name="workerless",
    help="Background jobs on SQS and Lambda: enqueue, follow, and run them on this machine.",
    epilog=_EPILOG,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    ctx: typer.Context,
    stage: Annotated[
        str, typer.Option(envvar=environment.STAGE, help="Which deployment; may stand anywhere.")
    ] = LOCAL,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on stdout; may stand anywhere.")
    ] = False,
) -> None:
    """What holds for every command."""
    world = ctx.obj if isinstance(ctx.obj, World) else World()
    ctx.obj = Setting(stage=check_stage(stage), as_json=as_json, world=world)


app.command()(new.new)
app.command()(enqueue.enqueue)
app.command()(follow.status)
app.command()(follow.wait)
app.command("list")(follow.list_jobs)
app.command()(follow.cancel)
app.command()(move.reschedule)
app.command()(move.promote)
app.command()(schema.schema)
app.command()(docs.docs)
app.command()(doctor.doctor)
app.command()(audit.audit)
app.command()(cost.cost)
app.command()(health.health)
app.command()(worker.worker)
app.add_typer(dead.commands, name="dead")
app.add_typer(queues.commands, name="queues")
app.add_typer(releases.commands, name="releases")
app.add_typer(limits.commands, name="limits")
app.add_typer(breakers.commands, name="breakers")
app.add_typer(schedules.commands, name="schedules")
app.add_typer(workflows.commands, name="workflows")
app.add_typer(operations.commands, name="operations")
app.add_typer(flow.commands, name="flow")
app.add_typer(jobs.commands, name="jobs")
app.add_typer(contract.commands, name="contract")
app.add_typer(local.commands, name="local")


def main() -> None:
    """What the script ``workerless`` runs."""
    app(prog_name="workerless")
