"""How people see schedules: many in a table, one in full."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from rich.console import Console

from workerless.cli.job_view import print_table
from workerless.cli.output import compact, safe
from workerless.schedule.describe import describe
from workerless.schedule.plan import MOMENT, Plan
from workerless.schedule.stand import Backfill, Pause, Run, Stand
from workerless.schedule.when import interval_text, text_of, zone, zone_of
from workerless.states import State

# By job id, of those that have a record.
type States = Mapping[str, State]

_MINUTE, _MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
_UPCOMING = 3


def jobs_of(stand: Stand) -> list[str]:
    """The jobs of its last runs."""
    return [run.job_id for run in stand.runs if run.job_id]


def print_schedules(
    console: Console, stands: Sequence[Stand], states: States, now: datetime
) -> None:
    """A line each; whose they are, and why they are paused, where any is."""
    rows = [
        {
            "schedule": stand.schedule_id,
            "is due": _when(stand),
            "next (UTC)": _next(stand, now),
            "last (UTC)": _stamp(last.tick) if (last := stand.last_run) else "",
            "became": _became(last, states) if last else "",
            "tenant": stand.plan.tenant if stand.plan else None,
            "paused": _why(stand.pause) if stand.pause else None,
        }
        for stand in stands
    ]
    rare = {name for name in ("tenant", "paused") if not any(row[name] for row in rows)}
    headings = [name for name in _HEADINGS if name not in rare]
    print_table(console, headings, [[row[name] for name in headings] for row in rows])


def print_schedule(console: Console, stand: Stand, states: States, now: datetime) -> None:
    """All that there is to say, and a line for each run."""
    rows = {"schedule": stand.schedule_id, **(_planned(stand.plan) if stand.plan else {})}
    rows["paused"] = _since(stand.pause) if stand.pause else ""
    rows["waits"] = f"the run of {_stamp(stand.queued)} UTC" if stand.queued else ""
    rows["backfill"] = _backfill(stand.backfill) if stand.backfill else ""
    for name, value in rows.items():
        if value:
            console.print(f"{name:<10}{safe(value)}")
    for number, line in enumerate(_upcoming(stand, now)):
        console.print(f"{'' if number else 'next':<10}{line}")
    if stand.runs:
        console.print()
        print_table(console, _RUN_HEADINGS, [_row(run, states) for run in stand.runs])


def standing(stand: Stand, now: datetime) -> str:
    """How it goes on, in a line."""
    following = stand.next_run(now)
    goes_on = f"next {_stamp(following)} UTC" if following else "never due again"
    filled = [f"backfill {_backfill(stand.backfill)}"] if stand.backfill else []
    return "; ".join([f"paused {_since(stand.pause)}" if stand.pause else goes_on, *filled])


def told_tick(tick: datetime, stand: Stand) -> str:
    """In UTC, and as the clocks of its zone show it."""
    name = zone_of(stand.plan.when) if stand.plan else "UTC"
    local = "" if name == "UTC" else f" ({tick.astimezone(zone(name)):%a %H:%M} {name})"
    return f"{_stamp(tick)} UTC{local}"


def shape(stand: Stand, states: States, now: datetime) -> dict[str, Any]:
    """All of it as data; ``next`` is the next tick that runs."""
    plan, pause, filled = stand.plan, stand.pause, stand.backfill
    following = stand.next_run(now)
    return {
        "schedule": stand.schedule_id,
        **(_plan_shape(plan) if plan else {}),
        "next": following.isoformat() if following else None,
        "paused": vars(pause) if pause else None,
        "queued": stand.queued,
        "backfill": vars(filled) | {"span": vars(filled.span)} if filled else None,
        "runs": [_run_shape(run, states) for run in stand.runs],
    }


def _plan_shape(plan: Plan) -> dict[str, Any]:
    return {
        "job_type": plan.job_type,
        "when": text_of(plan.when),
        "timezone": zone_of(plan.when),
        "is_due": describe(plan.when),
        "data": plan.data,
        "overlap": plan.overlap.value,
        "missed": plan.missed.value,
        "window_ms": plan.window // _MILLISECOND,
        "tolerance_ms": plan.tolerance // _MILLISECOND,
        "spread_ms": plan.spread // _MILLISECOND,
        "start": plan.start,
        "end": plan.end,
        "tenant": plan.tenant,
        "tags": list(plan.tags),
    }


def _run_shape(run: Run, states: States) -> dict[str, Any]:
    state = states.get(run.job_id or "")
    told = {**vars(run), "state": state.value if state else None}
    return {name: value for name, value in told.items() if value is not None}


def _planned(plan: Plan) -> dict[str, str]:
    bounds = (("from", plan.start), ("until", plan.end))
    window, tolerance = _length(plan.window), _length(plan.tolerance)
    return {
        "job type": plan.job_type,
        "is due": describe(plan.when),
        "as": text_of(plan.when),
        "within": ", ".join(f"{word} {_stamp(one)} UTC" for word, one in bounds if one),
        "spread": _length(plan.spread) if plan.spread else "",
        "data": compact(plan.data),
        "tenant": plan.tenant or "",
        "tags": ", ".join(plan.tags),
        "overlap": plan.overlap.value,
        "missed": f"{plan.missed.value}, up to {window} old; a tick is missed after {tolerance}",
    }


def _when(stand: Stand) -> str:
    return describe(stand.plan.when) if stand.plan else ""


def _next(stand: Stand, now: datetime) -> str:
    if stand.pause is not None and stand.pause.until is None:
        return "paused"
    following = stand.next_run(now)
    return _stamp(following) if following else "never"


def _upcoming(stand: Stand, now: datetime) -> list[str]:
    first = stand.next_run(now)
    if first is None or stand.plan is None:
        return ["once somebody resumes it" if stand.pause and not stand.pause.until else "never"]
    ticks = islice(stand.plan.timetable.after(first - MOMENT), _UPCOMING)
    return [told_tick(tick, stand) for tick in ticks]


def _row(run: Run, states: States) -> tuple[object, ...]:
    became = _became(run, states)
    return (_stamp(run.tick), became, run.job_id, "backfill" if run.backfill else None)


def _became(run: Run, states: States) -> str:
    """What became of its job, or else of the tick."""
    state = states.get(run.job_id or "")
    word = state.value if state else run.outcome.value
    return f"{word} x{run.count}" if run.count > 1 else word


def _why(pause: Pause) -> str:
    until = f"until {_stamp(pause.until)}: " if pause.until else ""
    return f"{until}{pause.why}"


def _since(pause: Pause) -> str:
    until = f" until {_stamp(pause.until)}" if pause.until else ""
    return f"since {_stamp(pause.at)}{until} UTC by {pause.by}: {pause.why}"


def _backfill(backfill: Backfill) -> str:
    is_over = f"over since {_stamp(backfill.finished_at)}" if backfill.finished_at else "goes on"
    counts = f"{backfill.started} started, {backfill.left_out} left out"
    return f"up to {_stamp(backfill.span.until)} {is_over}: {counts}"


def _length(span: timedelta) -> str:
    return str(span) if span % _MINUTE else interval_text(span)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


_RUN_HEADINGS = ("tick (UTC)", "became", "job", "part of")
_HEADINGS = ("schedule", "is due", "next (UTC)", "last (UTC)", "became", "tenant", "paused")
