"""How people see a simulation: waits, what held jobs, what bounds the pace, and how it went."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console

from workerless.cli.job_view import print_table
from workerless.simulation.report import Report, Waits

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH = 60
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def print_report(console: Console, report: Report) -> None:
    """Tables first, then the course in rows of blocks."""
    console.print(
        f"{report.waits.jobs} jobs started in {_told(report.lasted)}, {report.pace:.1f} a second"
    )
    if report.dropped:
        console.print(f"{report.dropped} were dropped or replaced, as their key says")
    if report.parked:
        console.print(f"{report.parked} waits of more than 15 minutes: those jobs are parked")
    console.print()
    headings = ("lane", "jobs", "wait: median", "95 %", "99 %", "longest")
    rows = {**report.lanes} if len(report.lanes) > 1 else {}
    rows["all"] = report.waits
    print_table(console, headings, [_row(name, one) for name, one in rows.items()])
    console.print()
    held = [
        (by, jobs, f"{jobs / (report.waits.jobs or 1):.0%}") for by, jobs in report.held.items()
    ]
    print_table(console, ("held longest by", "jobs", ""), held)
    console.print()
    ceilings = [
        (one.name, f"{one.per_second:.1f}", f"{one.peak} of {one.allowed} {one.unit}")
        for one in report.ceilings
    ]
    print_table(console, ("what bounds the pace", "jobs a second", "most seen"), ceilings)
    console.print()
    _print_course(console, report)


def blocks(values: Sequence[int]) -> str:
    """A row of at most 60 blocks; the highest is the most there was, none is 0."""
    size = -(-len(values) // _WIDTH) or 1
    peaks = [max(values[start : start + size]) for start in range(0, len(values), size)]
    most = max(peaks, default=0)
    return "".join(" " if not peak else _BLOCKS[-(-peak * 8 // most) - 1] for peak in peaks)


def _print_course(console: Console, report: Report) -> None:
    moments = report.moments
    rows = {
        "in the queue": [moment.queued for moment in moments],
        "held outside": [moment.outside for moment in moments],
        "running": [moment.running for moment in moments],
        "started": [moment.started for moment in moments],
    }
    for name, values in rows.items():
        console.print(f"{name:<14}|{blocks(values)}| most {max(values, default=0)}")
    if moments:
        console.print(f"{'':<14}0 s to {_told(moments[-1].at)}")


def _row(name: str, found: Waits) -> Sequence[object]:
    waited = (found.median, found.p95, found.p99, found.longest)
    return (name, found.jobs, *("-" if one is None else _told(one) for one in waited))


def _told(time: timedelta) -> str:
    if time >= _HOUR:
        return f"{time / _HOUR:.1f} h"
    if time >= _MINUTE:
        return f"{time / _MINUTE:.1f} min"
    seconds = time.total_seconds()
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
