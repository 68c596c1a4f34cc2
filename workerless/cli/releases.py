"""``workerless releases``: which versions of a function there are, and going back to one."""

from typing import Annotated

import typer

from workerless.cli.confirm import Yes, confirm
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import JobTypeName
from workerless.cli.setting import setting_of
from workerless.versions import Version, Versions

commands = typer.Typer(
    help="Releases: the versions of a job type's function, and going back.", add_completion=False
)

_CODE = 12


@commands.command("list")
def list_releases(
    ctx: typer.Context,
    job_type: JobTypeName,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many, and what is live.")] = 20,
) -> None:
    """List the versions of the function that runs a type: which is live, since when it is there."""
    setting = setting_of(ctx)
    releases = setting.operations().releases
    found = releases.versions(job_type)
    shown = [one for n, one in enumerate(found.all) if n < limit or found.share(one.number)]
    if setting.as_json:
        print_json(
            {
                "function": found.function,
                "jobTypes": list(releases.job_types(job_type)),
                "live": found.live,
                "deployment": found.deployment,
                "versions": [{**one.shape(), "share": found.share(one.number)} for one in shown],
            }
        )
        return
    console = people()
    print_table(
        console,
        ("version", "published (UTC)", "live", "timeout", "memory", "code"),
        [_row(one, found) for one in shown],
    )
    if found.deployment is not None:
        console.print(safe(f"CodeDeploy moves live now: {found.deployment}"))


@commands.command()
def back(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str, typer.Option(help="Why, for the audit; must be said.")],
    version: Annotated[
        int | None, typer.Option(help="Which; else the last before that which is live.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Have an earlier version run a type's jobs, until the next deployment that changes it."""
    setting = setting_of(ctx)
    releases = setting.operations().releases
    if version is None:
        version = releases.versions(job_type).before()
    whose = ", ".join(releases.job_types(job_type))
    which = "the version before" if version is None else f"version {version}"
    confirm(setting, f"have {which} run the jobs of {whose}?", yes=yes)
    done = releases.back(job_type, why=why, version=version)
    if setting.as_json:
        print_json(done.shape())
        return
    was = " and ".join(str(one) for one in done.was)
    people().print(safe(f"version {done.to} of {done.function} is live; it was {was}"))
    people().print(
        safe(f"the next deployment that changes {done.function} moves live to what it deploys")
    )


def _row(one: Version, found: Versions) -> tuple[str, ...]:
    share = found.share(one.number)
    return (
        str(one.number),
        f"{one.published_at:%Y-%m-%d %H:%M:%S}",
        f"{share:.0%}" if share else "",
        f"{one.timeout.total_seconds():.0f} s",
        f"{one.memory_mb} MB",
        one.code[:_CODE],
    )
