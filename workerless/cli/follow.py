"""``workerless status``, ``wait``, ``list`` and ``cancel``."""

from typing import Annotated, Any

import typer

from workerless.cli.duration import duration
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_error, print_rows, print_status
from workerless.cli.output import people, plain, print_json, safe
from workerless.cli.payload_argument import read_payload_argument
from workerless.cli.search_option import Cursor, Filter, JobTypeName, Limit, filtered
from workerless.cli.setting import Setting, setting_of
from workerless.cli.watch import watch
from workerless.handle import JobStatus
from workerless.search import Listed
from workerless.states import State

JobId = Annotated[str, typer.Argument(metavar="ID", help="Id of the job.")]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Sensitive values too; the audit tells who saw them.")
]


def status(
    ctx: typer.Context,
    job_id: JobId,
    *,
    errors: Annotated[bool, typer.Option("--errors", help="All that each attempt said.")] = False,
    reveal: Reveal = False,
) -> None:
    """Show a job: state, attempts, progress, result or reason."""
    setting = setting_of(ctx)
    job = setting.client().job(job_id)
    found = job.status()
    jobs = setting.operations().jobs
    shown = jobs.revealed(found) if reveal else jobs.veiled(found)
    texts = [job.error_text(error) for error in shown.errors] if errors else []
    if errors and setting.as_json:
        print_json({**plain(shown), "error_texts": texts})
        return
    _print(setting, shown)
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


@filtered
def list_jobs(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    wanted: Filter,
    state: Annotated[State, typer.Option(help="State of the jobs.")] = State.FAILED,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """List the jobs of a type in one state, newest change first."""
    setting = setting_of(ctx)
    search = wanted.search(setting, job_type, state)
    page = setting.operations().jobs.find(search, limit=limit, cursor=cursor)
    if setting.as_json:
        print_json({"jobs": [_summary(row) for row in page.rows], "cursor": page.cursor})
        return
    if page.rows:
        print_rows(people(), page.rows)
    else:
        none = f"no {state.value} jobs of type {job_type}{wanted.words()}"
        people(stderr=True).print(safe(f"{none}{_hint(state)}"))
    if page.cursor:
        people(stderr=True).print(f"more: --cursor {safe(page.cursor)}")


def cancel(
    ctx: typer.Context,
    job_id: JobId,
    why: Annotated[str, typer.Option(help="Why, for the record and the audit.")] = "cancelled",
) -> None:
    """Call off a job that waits, and ask one that runs to end; one that has ended is a conflict."""
    setting = setting_of(ctx)
    record = setting.operations().jobs.cancel(job_id, reason=why)
    if setting.as_json:
        print_json({"id": record.job_id, "state": record.state})
    elif record.state is State.CANCELLED:
        people().print(safe(f"{record.job_id} cancelled"))
    else:
        people().print(safe(f"{record.job_id} runs, and was asked to end"))


def send_event(
    ctx: typer.Context,
    job_id: JobId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the job waits for.")],
    data: Annotated[
        str, typer.Argument(metavar="JSON", help="The event; - reads stdin, @FILE a file.")
    ] = "{}",
) -> None:
    """Give a job the event that it waits for, or will; the first one counts."""
    setting, told = setting_of(ctx), read_payload_argument(data)
    record = setting.operations().jobs.send_event(job_id, name, told)
    if setting.as_json:
        print_json({"id": record.job_id, "event": name})
    else:
        people().print(safe(f"{record.job_id} has {name}"))


def finish(setting: Setting, ended: JobStatus[Any]) -> None:
    """Show a job that has ended and end with the code that says how."""
    _print(setting, setting.operations().jobs.veiled(ended))
    if ended.state is not State.COMPLETED:
        reason = ended.failed_reason or "no reason given"
        raise CommandError(
            f"job {ended.id} ended as {ended.state.value}: {reason}", ExitCode.NOT_COMPLETED
        )


def _print(setting: Setting, shown: JobStatus[Any]) -> None:
    if setting.as_json:
        print_json(shown)
    else:
        print_status(people(), shown)


def _hint(state: State) -> str:
    """Where nothing is found there may be something all the same."""
    hidden = not state.is_terminal or state in (State.COMPLETED, State.DISCARDED)
    return " (job types with tracking lean or off do not list all of theirs)" if hidden else ""


def _summary(row: Listed) -> dict[str, Any]:
    return {
        "id": row.job_id,
        "type": row.job_type,
        "state": row.state,
        "attempt": row.attempt,
        "max_attempts": row.max_attempts,
        "updated_at": row.updated_at,
        "failed_reason": row.reason,
        "tenant": row.tenant,
        "tags": row.tags,
    }
