"""``workerless contract``: whether a release would break what waits or what still runs."""

from typing import Annotated

import typer

from workerless.cli.checkout import need_checkout
from workerless.cli.exit_code import ExitCode
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.contract.release import Report, look, record

commands = typer.Typer(
    help="Payloads of the release before and of this one: whether each reads the other's."
)


@commands.command()
def check(
    ctx: typer.Context,
    *,
    is_recorded: Annotated[
        bool, typer.Option("--recorded", help="Fail for what is not recorded yet, too.")
    ] = False,
) -> None:
    """Hold the job types of this checkout to what contracts/ says of the release before.

    Asks nothing of AWS. Ends with 1 if a message that waits, or a worker that still runs, would
    have its jobs fail.
    """
    setting = setting_of(ctx)
    report = look(need_checkout(setting.world.folder))
    _tell(report, as_json=setting.as_json)
    if report.breaks or (is_recorded and report.unrecorded):
        raise typer.Exit(ExitCode.NOT_COMPLETED)


@commands.command("record")
def record_all(ctx: typer.Context) -> None:
    """Write into contracts/ what this checkout declares, as the last step before a release.

    Refuses, and writes nothing, while `contract check` finds what breaks.
    """
    setting = setting_of(ctx)
    root = need_checkout(setting.world.folder)
    report = look(root)
    if report.breaks:
        _tell(report, as_json=setting.as_json)
        people(stderr=True).print("nothing was recorded")
        raise typer.Exit(ExitCode.NOT_COMPLETED)
    paths = [str(path.relative_to(root)) for path in record(root)]
    if setting.as_json:
        print_json({"files": paths})
        return
    for path in paths:
        people().print(safe(path))
    if not paths:
        people(stderr=True).print("all is recorded already")


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json({**_plain(report), "breaks": report.breaks})
        return
    console = people()
    for one in report.findings:
        console.print(f"{'breaks' if one.breaks else 'note  '}  {safe(one.job_type)}")
        console.print(f"        {safe(one.says)}")
        console.print(f"        fix: {safe(one.fix)}")
    if report.unrecorded:
        names = ", ".join(report.unrecorded)
        console.print(f"not recorded as declared now: {safe(names)} (`workerless contract record`)")
    broken = {one.job_type for one in report.findings if one.breaks}
    console.print(
        f"{report.job_types} job types, {len(broken)} would break"
        if broken
        else f"{report.job_types} job types, none would break"
    )


def _plain(report: Report) -> dict[str, object]:
    return {
        "job_types": report.job_types,
        "findings": report.findings,
        "unrecorded": report.unrecorded,
    }
