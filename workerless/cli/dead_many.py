"""``workerless dead retry-all`` and ``clean``: operations on many dead jobs."""

from typing import Annotated

import typer

from workerless.cli.confirm import Yes, confirm, jobs
from workerless.cli.failure import CommandError
from workerless.cli.operation_follow import begun
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import Filter, JobTypeName, filtered
from workerless.cli.setting import Setting, setting_of
from workerless.ledger import Canary, Kind
from workerless.search import Count, Search
from workerless.states import State

Why = Annotated[str | None, typer.Option(help="Why, for the audit.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many jobs it would take.")]
Detach = Annotated[bool, typer.Option("--detach", help="Start it, and do not wait for its end.")]


@filtered
def retry_all(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    wanted: Filter,
    canary: Annotated[
        str | None,
        typer.Option(help="Retry so many first, like 1,10; stop when too many fail again."),
    ] = None,
    max_failures: Annotated[
        float, typer.Option(min=0, max=1, help="What share of a canary's jobs may fail again.")
    ] = 0.1,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="How many jobs a second at most.")
    ] = None,
    why: Why = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    detach: Detach = False,
) -> None:
    """Have all dead jobs of a type run again, or those that the options name."""
    setting = setting_of(ctx)
    probe = _canary(canary, max_failures)
    search = wanted.search(setting, job_type, State.FAILED)
    count = _counted(setting, Kind.RETRY, search, wanted, dry_run=dry_run)
    if dry_run or count == Count(number=0):
        return
    confirm(setting, _question("retry", count, job_type, wanted), yes=yes)
    operation = setting.operations().bulk.start(
        Kind.RETRY, search, why=why, rate=rate, canary=probe
    )
    begun(setting, operation, detach=detach)


@filtered
def clean(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str, typer.Option(help="Why, for the audit; must be said.")],
    wanted: Filter,
    archive: Annotated[
        bool, typer.Option("--archive", help="Keep each as a file in the stage's bucket first.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    detach: Detach = False,
) -> None:
    """Discard all dead jobs of a type, or those that the options name, like --older-than 7d."""
    setting = setting_of(ctx)
    kind = Kind.ARCHIVE if archive else Kind.DISCARD
    search = wanted.search(setting, job_type, State.FAILED)
    count = _counted(setting, kind, search, wanted, dry_run=dry_run)
    if dry_run or count == Count(number=0):
        return
    confirm(setting, _question(kind.value, count, job_type, wanted), yes=yes)
    begun(setting, setting.operations().bulk.start(kind, search, why=why), detach=detach)


def _counted(
    setting: Setting, kind: Kind, search: Search, wanted: Filter, *, dry_run: bool
) -> Count:
    """How many there are; where nothing follows from it, it is told."""
    count = setting.operations().bulk.count(kind, search)
    if not dry_run and count != Count(number=0):
        return count
    if setting.as_json:
        print_json({"jobs": count.number, "at_least": count.at_least})
    else:
        found = jobs(count.number, at_least=count.at_least)
        people().print(safe(f"{found} of type {search.job_type}{wanted.words()}"))
    return count


def _question(verb: str, count: Count, job_type: str, wanted: Filter) -> str:
    found = jobs(count.number, at_least=count.at_least)
    return f"{verb} {found} of type {job_type}{wanted.words()}?"


def _canary(stages: str | None, ratio: float) -> Canary | None:
    if stages is None:
        return None
    try:
        numbers = tuple(int(one) for one in stages.split(","))
    except ValueError as error:
        raise CommandError(
            f"--canary must be numbers of jobs, like 1,10, got {stages!r}"
        ) from error
    return Canary(stages=numbers, max_failure_ratio=ratio)
