"""``workerless health``."""

import typer

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.queues import number
from workerless.cli.setting import setting_of
from workerless.operations.health import HealthReport, QueueHealth

_TOTALS = {"active": "active", "processed": "completed", "failed": "failed"}


def health(ctx: typer.Context) -> None:
    """Show whether the stage works now, with figures for each job type; exit 4 if it does not."""
    setting = setting_of(ctx)
    report = setting.operations().health.report()
    if setting.as_json:
        print_json(report.shape())
    else:
        _print(report)
    if not report.healthy:
        raise CommandError(
            f"stage {setting.stage} is not healthy: {_why(report)}; "
            "`workerless doctor` says what is deployed wrongly",
            ExitCode.CONFLICT,
        )


def _print(report: HealthReport) -> None:
    console = people()
    pulse = report.pulse
    rows = {
        "healthy": "yes" if report.healthy else "no",
        "uptime": f"{report.uptime}".split(".")[0],
        "heartbeat": f"{pulse.at:%Y-%m-%d %H:%M:%S} UTC" if pulse else "none yet",
        **{name: number(report.total(state)) for name, state in _TOTALS.items()},
    }
    for name, value in rows.items():
        console.print(f"{name:<12}{value}")
    for check in report.readiness.checks:
        if not check.ok:
            console.print(safe(f"not ready   {check.name}: {check.detail}"))
    console.print()
    headings = ("job type", "runs", "waiting", "active", "delayed", "completed", "failed", "ratio")
    print_table(console, headings, [_row(queue) for queue in report.queues])


def _row(queue: QueueHealth) -> tuple[object, ...]:
    counts, ratio = queue.stats, queue.failure_ratio
    return (
        queue.job_type,
        "yes" if queue.is_running else "no",
        number(counts.waiting),
        number(counts.active),
        number(counts.delayed),
        number(counts.completed),
        number(counts.failed),
        "" if ratio is None else f"{ratio:.1%}",
    )


def _why(report: HealthReport) -> str:
    unready = [check.name for check in report.readiness.checks if not check.ok]
    failing = [
        f"{one.job_type} fails too often"
        for one in report.queues
        if one.is_running and not one.is_healthy
    ]
    silent = "for minutes" if report.pulse else "yet: just deployed, or something stops it"
    unswept = [] if report.is_swept else [f"no heartbeat of its sweeper {silent}"]
    return ", ".join([*unready, *unswept, *failing])
