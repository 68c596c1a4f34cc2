"""``workerless enqueue``."""

from typing import Annotated, Any

import typer

from workerless.cli.duration import duration
from workerless.cli.enqueue_lines import enqueue_lines
from workerless.cli.failure import CommandError
from workerless.cli.follow import finish
from workerless.cli.output import people, print_json, safe
from workerless.cli.payload_argument import check_payload, read_payload_argument
from workerless.cli.setting import Setting, setting_of
from workerless.cli.watch import watch
from workerless.discovery import discover
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.tracking import Tracking


def enqueue(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    payload: Annotated[
        str, typer.Argument(metavar="JSON", help="The payload; - reads stdin, @FILE a file.")
    ] = "{}",
    *,
    job_id: Annotated[
        str | None, typer.Option("--id", help="The same id and payload are the same job.")
    ] = None,
    delay: Annotated[str, typer.Option(help="How long to wait first, up to 15m.")] = "0s",
    expires: Annotated[
        str | None, typer.Option(help="How long it may wait to begin; then it is cancelled.")
    ] = None,
    attempts: Annotated[
        int | None, typer.Option(help="Fewer than the job type's own number.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose job it is, for fairness.")] = None,
    priority: Annotated[
        str | None,
        typer.Option(help="critical, high, normal, low, or 1, 5, 10, 20; if TYPE has such lanes."),
    ] = None,
    lane: Annotated[str | None, typer.Option(help="The lane by its name.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="A word to find it by; up to five.")
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="JSON has a payload on each line: a job for each.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end and show it.")] = False,
    timeout: Annotated[str, typer.Option(help="How long --wait waits.")] = "5m",
) -> None:
    """Enqueue a job.

    In a checkout that declares TYPE the payload is checked before anything is sent; elsewhere the
    worker checks it.
    """
    setting = setting_of(ctx)
    patience = duration("--timeout", timeout)
    options = {
        "job_id": job_id,
        "delay": duration("--delay", delay),
        "expires_in": duration("--expires", expires) if expires else None,
        "attempts": attempts,
        "tenant": tenant,
        "priority": int(priority) if priority and priority.isdecimal() else priority,
        "lane": lane,
        "tags": tags or (),
    }
    if lines:
        if wait:
            raise CommandError("--wait must be left out with --lines; see `workerless queues`")
        enqueue_lines(setting, job_type, payload, options)
        return
    declared = _declaration(setting, job_type)
    if wait and declared is not None and declared.tracking is Tracking.OFF:
        raise CommandError(
            f"--wait must be left out, since tracking of {job_type} is off: nobody could tell"
        )
    data = read_payload_argument(payload)
    job = _enqueue(setting, declared or job_type, data, options)
    if wait:
        finish(setting, watch(job, patience))
    elif setting.as_json:
        print_json({"id": job.id, "type": job_type, "duplicate": job.is_duplicate})
    else:
        again = " (was enqueued before)" if job.is_duplicate else ""
        people().print(safe(f"{job.id}{again}"))


def _enqueue(
    setting: Setting,
    job_type: JobType[Any, Any] | str,
    data: dict[str, Any],
    options: dict[str, Any],
) -> Job[Any]:
    """Of a name alone the payload cannot be checked here."""
    if not isinstance(job_type, str):
        model = check_payload(job_type, data)
        return setting.client().enqueue(job_type, model, **options)
    return setting.client().enqueue_json(job_type, data, **options)


def _declaration(setting: Setting, name: str) -> JobType[Any, Any] | None:
    root = setting.checkout()
    found = discover(root) if root else []
    return next((one.job_type for one in found if one.job_type.name == name), None)
