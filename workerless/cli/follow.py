"""``workerless status``, ``wait``, ``list`` and ``cancel``."""

from typing import Annotated, Any

import typer

from workerless.cli.duration import duration
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_error, print_records, print_status
from workerless.cli.output import people, plain, print_json, safe
from workerless.cli.setting import Setting, setting_of
from workerless.cli.watch import watch
from workerless.handle import JobStatus
from workerless.record import Record
from workerless.states import State

JobId = Annotated[str, typer.Argument(metavar="ID", help="Id of the job.")]


def status(
    ctx: typer.Context,
    job_id: JobId,
    *,
    errors: Annotated[bool, typer.Option("--errors", help="All that each attempt said.")] = False,
) -> None:
    """Show a job: state, attempts, progress, result or reason."""
    setting = setting_of(ctx)
    job = setting.client().job(job_id)
    shown = job.status()
    texts = [job.error_text(error) for error in shown.errors] if errors else []
    if errors and setting.as_json:
        print_json({**plain(shown), "error_texts": texts})
        return
    _show(setting, shown)
    for error, text in zip(shown.errors, texts, strict=False):
        print_error(people(), error, text)


def wait(
    ctx: typer.Context,
    job_id: JobId,
    timeout: Annotated[str, typer.Option(help="How long to wait at most.")] = "5m",
) -> None:
    """Wait until a job has ended and show it; exit 1 unless it completed."""
    setting = setting_of(ctx)
    patience = duration("--timeout", timeout)
    finish(setting, watch(setting.client().job(job_id), patience))


def list_jobs(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    state: Annotated[State, typer.Option(help="State of the jobs.")] = State.FAILED,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    cursor: Annotated[
        str | None, typer.Option(help="Where the next page starts, as the last one said.")
    ] = None,
) -> None:
    """List the jobs of a type in one state, newest change first."""
    setting = setting_of(ctx)
    page = setting.client().list(job_type, state, limit=limit, cursor=cursor)
    if setting.as_json:
        jobs = [_summary(record) for record in page.records]
        print_json({"jobs": jobs, "cursor": page.cursor})
        return
    if page.records:
        print_records(people(), page.records)
    else:
        people(stderr=True).print(safe(f"no {state.value} jobs of type {job_type}{_hint(state)}"))
    if page.cursor:
        people(stderr=True).print(f"more: --cursor {safe(page.cursor)}")


def cancel(ctx: typer.Context, job_id: JobId) -> None:
    """Call off a job that waits; one that runs or has ended is a conflict."""
    setting = setting_of(ctx)
    job = setting.client().job(job_id)
    job.cancel()
    if setting.as_json:
        print_json({"id": job.id, "state": State.CANCELLED})
    else:
        people().print(safe(f"{job.id} cancelled"))


def finish(setting: Setting, ended: JobStatus[Any]) -> None:
    """Show a job that has ended and end with the code that says how."""
    _show(setting, ended)
    if ended.state is not State.COMPLETED:
        reason = ended.failed_reason or "no reason given"
        raise CommandError(
            f"job {ended.id} ended as {ended.state.value}: {reason}", ExitCode.NOT_COMPLETED
        )


def _show(setting: Setting, shown: JobStatus[Any]) -> None:
    if setting.as_json:
        print_json(shown)
    else:
        print_status(people(), shown)


def _hint(state: State) -> str:
    """Where nothing is found there may be something all the same."""
    hidden = not state.is_terminal or state in (State.COMPLETED, State.DISCARDED)
    return " (job types with tracking lean or off do not list all of theirs)" if hidden else ""


def _summary(record: Record) -> dict[str, Any]:
    return {
        "id": record.job_id,
        "type": record.job_type,
        "state": record.state,
        "attempt": record.attempt,
        "max_attempts": record.max_attempts,
        "updated_at": record.updated_at,
        "failed_reason": record.reason,
    }
