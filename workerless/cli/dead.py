"""``workerless dead``: dead jobs, one by one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from workerless.cli import dead_groups, dead_many
from workerless.cli.confirm import Yes, confirm, jobs
from workerless.cli.dead_view import print_dead, print_detail
from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.follow import JobId, Reveal
from workerless.cli.output import people, plain, print_json, safe
from workerless.cli.payload_argument import edited_payload, read_payload_argument
from workerless.cli.search_option import Cursor, Filter, JobTypeName, Limit, filtered
from workerless.cli.setting import Setting, setting_of
from workerless.record import Record
from workerless.states import State

commands = typer.Typer(help="Dead jobs: find, look into, put right.", add_completion=False)

JobIds = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of dead jobs.")]
Why = Annotated[str | None, typer.Option(help="Why, for the audit.")]
MustSayWhy = Annotated[str, typer.Option(help="Why, for the audit; must be said.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Also a step whose workflow is made good, or goes on without it."),
]
Delay = Annotated[str, typer.Option(help="How long to wait first.")]


@commands.command("list")
@filtered
def list_dead(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    wanted: Filter,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """List dead jobs of a type, the latest first."""
    setting = setting_of(ctx)
    search = wanted.search(setting, job_type, State.FAILED)
    page = setting.operations().dead.list(search, limit=limit, cursor=cursor)
    if setting.as_json:
        print_json({"jobs": page.items, "cursor": page.cursor})
        return
    if page.items:
        print_dead(people(), page.items)
    else:
        people(stderr=True).print(safe(f"no dead jobs of type {job_type}{wanted.words()}"))
    if page.cursor:
        people(stderr=True).print(f"more: --cursor {safe(page.cursor)}")


@commands.command()
def show(ctx: typer.Context, job_id: JobId, *, reveal: Reveal = False) -> None:
    """Show a dead job: payload, errors with their tracebacks, timeline."""
    setting = setting_of(ctx)
    detail = setting.operations().dead.show(job_id, reveal=reveal)
    if setting.as_json:
        print_json({**plain(detail.job), **{k: v for k, v in plain(detail).items() if k != "job"}})
    else:
        print_detail(people(), detail)


@commands.command()
def retry(
    ctx: typer.Context,
    job_ids: JobIds,
    *,
    why: Why = None,
    delay: Delay = "0s",
    force: Force = False,
) -> None:
    """Have dead jobs run again, with all their attempts."""
    setting = setting_of(ctx)
    wait = duration("--delay", delay)
    dead = setting.operations().dead
    again = partial(dead.retry, why=why, delay=wait, force=force)
    _each(setting, job_ids, "retried", again)


@commands.command()
def edit(
    ctx: typer.Context,
    job_id: JobId,
    *,
    data: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="The new payload; - reads stdin, @FILE a file."),
    ] = None,
    why: Why = None,
    delay: Delay = "0s",
    force: Force = False,
) -> None:
    """Change a dead job's payload and have it run again; without --data, in your $EDITOR."""
    setting = setting_of(ctx)
    wait = duration("--delay", delay)
    dead = setting.operations().dead
    if data is not None:
        payload = read_payload_argument(data)
    else:
        if not setting.world.is_terminal():
            raise CommandError("--data must be given where there is no terminal for an editor")
        payload = edited_payload(dead.show(job_id).job.data, setting.world.edit)
    again = partial(dead.retry, why=why, data=payload, delay=wait, force=force)
    _each(setting, [job_id], "edited", again)


@commands.command()
def discard(ctx: typer.Context, job_ids: JobIds, *, why: MustSayWhy, yes: Yes = False) -> None:
    """Have dead jobs be done with; they are kept as discarded for a while."""
    setting = setting_of(ctx)
    confirm(setting, f"discard {jobs(len(job_ids))}?", yes=yes)
    dead = setting.operations().dead
    _each(setting, job_ids, "discarded", lambda one: dead.discard(one, why=why))


@commands.command()
def archive(ctx: typer.Context, job_ids: JobIds, *, why: MustSayWhy, yes: Yes = False) -> None:
    """Keep dead jobs as files in the stage's bucket, and have them be done with."""
    setting = setting_of(ctx)
    confirm(setting, f"archive {jobs(len(job_ids))}?", yes=yes)
    dead = setting.operations().dead
    _each(setting, job_ids, "archived", lambda one: dead.archive(one, why=why))


commands.command("retry-all")(dead_many.retry_all)
commands.command()(dead_many.clean)
commands.command()(dead_groups.groups)
commands.command()(dead_groups.resolve)
commands.command()(dead_groups.ignore)
commands.command()(dead_groups.reopen)


def _each(
    setting: Setting, job_ids: Sequence[str], done: str, act: Callable[[str], Record]
) -> None:
    """Do one after the other, and tell of each that is done, also when the next one cannot be."""
    told: list[dict[str, Any]] = []
    try:
        for job_id in job_ids:
            record = act(job_id)
            told.append({"id": job_id, "state": record.state, "done": done})
            if not setting.as_json:
                people().print(safe(f"{job_id} {done}, now {record.state.value}"))
    finally:
        if setting.as_json:
            print_json(told)
