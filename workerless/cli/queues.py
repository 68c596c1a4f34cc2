"""``workerless queues``: how full they are, how they do, emptying them, waiting for their end."""

from dataclasses import fields
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from workerless.cli.confirm import Yes, confirm, jobs
from workerless.cli.duration import duration
from workerless.cli.job_view import print_table
from workerless.cli.operation_follow import begun
from workerless.cli.output import people, print_json, safe
from workerless.cli.pausing import pause, resume, told
from workerless.cli.search_option import JobTypeName
from workerless.cli.setting import Setting, setting_of
from workerless.operations.queues import AtOnce, QueueStats
from workerless.operator_ports import Depth
from workerless.search import Count

commands = typer.Typer(
    help="Queues: how full, how they do, pause, drain, purge.", add_completion=False
)
commands.command()(pause)
commands.command()(resume)

_SHOWN = ("waiting", "active", "delayed", "completed", "failed", "held")


@commands.command("list")
def list_queues(ctx: typer.Context) -> None:
    """List the queue of each job type with how many jobs are where."""
    setting = setting_of(ctx)
    queues = setting.operations().queues
    found = {name: queues.stats(name) for name in _names(setting)}
    if setting.as_json:
        print_json({"queues": [{"name": name, **_shape(one)} for name, one in found.items()]})
        return
    rows = [(name, *_row(one)) for name, one in found.items()]
    print_table(people(), ("job type", *_SHOWN, "paused"), rows)


@commands.command()
def stats(ctx: typer.Context, job_type: JobTypeName) -> None:
    """Count the jobs of a type: waiting, active, delayed, completed, failed and so on."""
    setting = setting_of(ctx)
    queues = setting.operations().queues
    found, bound = queues.stats(job_type), queues.at_once(job_type)
    if setting.as_json:
        print_json({"name": job_type, **_shape(found), **_bound_shape(bound)})
        return
    for name, count in found.counts().items():
        people().print(f"{name:<12}{number(count)}")
    if bound:
        told_bound = f"{bound.now} invocations, between {bound.least} and {bound.most}"
        people().print(f"{'at once':<12}{told_bound}")
    for lane, depth in found.lanes.items():
        numbers = [f"{number} {where}" for where, number in depth.shape().items()]
        people().print(f"lane {lane}: {', '.join(numbers)}")
    for one in found.pauses:
        people().print(safe(told(one)))


@commands.command()
def metrics(ctx: typer.Context, job_type: JobTypeName) -> None:
    """Measure a type's last 1,000 jobs: latency, wait, throughput, error rate."""
    setting = setting_of(ctx)
    found = setting.operations().queues.metrics(job_type)
    if setting.as_json:
        print_json({"name": job_type, **found.shape()})
        return
    console = people()
    for name, spread in (("latency", found.latency), ("wait", found.wait_time)):
        parts = [f"{field.name} {_ms(getattr(spread, field.name))}" for field in fields(spread)]
        console.print(f"{name:<12}{', '.join(parts)}")
    pace = "-" if found.throughput is None else f"{found.throughput:g} a minute"
    console.print(f"{'throughput':<12}{pace}")
    rate = "too few to say" if found.error_rate is None else f"{found.error_rate:.1%}"
    console.print(f"{'error rate':<12}{rate}")
    console.print(f"{'samples':<12}{found.samples}")


@commands.command()
def purge(
    ctx: typer.Context,
    job_type: JobTypeName,
    *,
    why: Annotated[str, typer.Option(help="Why, for the audit; must be said.")],
    yes: Yes = False,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for its end.")] = False,
) -> None:
    """Cancel every job of a type that waits; those that run go on."""
    setting = setting_of(ctx)
    queues = setting.operations().queues
    found = queues.stats(job_type)
    number_waiting = found.waiting.number + found.delayed.number
    confirm(setting, f"cancel about {jobs(number_waiting)} of type {job_type}?", yes=yes)
    begun(setting, queues.purge(job_type, why=why), detach=detach)


@commands.command()
def drain(
    ctx: typer.Context,
    job_type: JobTypeName,
    timeout: Annotated[str, typer.Option(help="How long to wait at most.")] = "5m",
    *,
    pause: Annotated[
        str | None, typer.Option(metavar="WHY", help="Pause it first, for this reason.")
    ] = None,
) -> None:
    """Wait until no job of a type waits or runs, of a paused one until none runs.

    Exit 7 when that takes too long.
    """
    setting = setting_of(ctx)
    patience = duration("--timeout", timeout)
    if pause is not None:
        setting.operations().flow.pause(job_type, why=pause)
    depth = _drained(setting, job_type, patience)
    if setting.as_json:
        print_json({"name": job_type, "waiting": depth.waiting, "delayed": depth.delayed})
    else:
        left = [("waiting", depth.waiting), ("delayed", depth.delayed)]
        later = "".join(f", {jobs(count)} {where}" for where, count in left if count)
        does = "runs" if depth.waiting else "waits or runs"
        people().print(safe(f"no job of {job_type} {does}{later}"))


def number(count: Count) -> str:
    """``500+`` for at least so many."""
    return f"{count.number}{'+' if count.at_least else ''}"


def _drained(setting: Setting, job_type: str, patience: timedelta) -> Depth:
    console = people(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("looking")

        def show(depth: Depth) -> None:
            told = f"{depth.waiting} waiting, {depth.in_flight} active"
            progress.update(task, description=told)

        return setting.operations().queues.drain(job_type, timeout=patience, on_progress=show)


def _names(setting: Setting) -> list[str]:
    return [address.job_type for address in setting.inspection().directory.all()]


def _row(found: QueueStats) -> list[str]:
    whose = [one.lane or one.tenant or "all" for one in found.pauses]
    return [*(number(getattr(found, field)) for field in _SHOWN), ", ".join(whose)]


def _bound_shape(bound: AtOnce | None) -> dict[str, Any]:
    return {"at_once": bound.shape()} if bound else {}


def _shape(found: QueueStats) -> dict[str, Any]:
    cut = [name for name, count in found.counts().items() if count.at_least]
    return {**found.shape(), "at_least": cut, "paused": [one.shape() for one in found.pauses]}


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"
