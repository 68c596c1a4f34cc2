"""Schedules as they are shown over HTTP. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from workerless.http.caller import Caller
from workerless.http.shape_of_schedule import (
    BackfillShape,
    RunShape,
    SchedulePage,
    SchedulePauseShape,
    ScheduleRow,
    ScheduleShape,
    StartBackfill,
)
from workerless.schedule.describe import describe
from workerless.schedule.plan import MOMENT, Plan, is_dynamic
from workerless.schedule.stand import Backfill, Pause, Run, Stand
from workerless.schedule.when import text_of, zone_of
from workerless.schedule_ports import Stands
from workerless.scheduling.control import MOST_SHOWN, Candidate
from workerless.states import State

# By job id, of those that have a record.
type States = Mapping[str, State]

_UPCOMING = 5
_MILLISECOND = timedelta(milliseconds=1)


def schedule_page(page: Stands, states: States, caller: Caller, now: datetime) -> SchedulePage:
    """A page of a list."""
    rows = [ScheduleRow(**_row(stand, states, caller, now)) for stand in page.found]
    return SchedulePage(schedules=rows, cursor=page.cursor)


def schedule_shape(stand: Stand, states: States, caller: Caller, now: datetime) -> ScheduleShape:
    """A schedule in full."""
    plan = _plan(stand)
    return ScheduleShape(
        **_row(stand, states, caller, now),
        data=plan.data,
        overlap=plan.overlap,
        missed=plan.missed,
        window_ms=plan.window // _MILLISECOND,
        tolerance_ms=plan.tolerance // _MILLISECOND,
        spread_ms=plan.spread // _MILLISECOND,
        start=plan.start,
        end=plan.end,
        tags=list(plan.tags),
        upcoming=list(islice(plan.timetable.after(now), _UPCOMING)),
        queued=stand.queued,
        runs=[_run(run, states) for run in stand.runs],
        backfill=backfill_shape(stand.backfill, caller) if stand.backfill else None,
    )


def _row(stand: Stand, states: States, caller: Caller, now: datetime) -> dict[str, Any]:
    plan, last = _plan(stand), stand.last_run
    return {
        "id": stand.schedule_id,
        "job_type": plan.job_type,
        "dynamic": is_dynamic(stand.schedule_id),
        "when": text_of(plan.when),
        "timezone": zone_of(plan.when),
        "description": describe(plan.when),
        "tenant": plan.tenant,
        "next": stand.next_run(now),
        "paused": pause_shape(stand.pause, caller) if stand.pause else None,
        "last": _run(last, states) if last else None,
    }


def pause_shape(pause: Pause, caller: Caller) -> SchedulePauseShape:
    """A pause of a schedule."""
    return SchedulePauseShape(
        by=_told(pause.by, caller), at=pause.at, why=pause.why, until=pause.until
    )


def _run(run: Run, states: States) -> RunShape:
    return RunShape.model_validate({**vars(run), "state": states.get(run.job_id or "")})


def backfill_shape(backfill: Backfill, caller: Caller) -> BackfillShape:
    """One that goes on, or did."""
    return BackfillShape(
        id=backfill.backfill_id,
        after=backfill.span.after,
        until=backfill.span.until,
        limit=backfill.limit,
        reprocess=backfill.reprocess,
        by=_told(backfill.by, caller),
        at=backfill.at,
        started=backfill.started,
        left_out=backfill.left_out,
        finished_at=backfill.finished_at,
        ticks=[],
        at_least=False,
    )


def dry_run_shape(
    wanted: StartBackfill, found: Sequence[Candidate], caller: Caller, now: datetime
) -> BackfillShape:
    """One that would begin now."""
    ticks = [one.tick for one in found if one.runs]
    return BackfillShape(
        id=None,
        after=wanted.first - MOMENT,
        until=wanted.last,
        limit=wanted.limit,
        reprocess=wanted.reprocess,
        by=caller.name,
        at=now,
        started=0,
        left_out=len(found) - len(ticks),
        finished_at=None,
        ticks=ticks,
        at_least=len(found) == MOST_SHOWN,
    )


def _plan(stand: Stand) -> Plan:
    return cast("Plan", stand.plan)  # nobody sees a stand without one


def _told(by: str, caller: Caller) -> str | None:
    """A tenant is not told who the operators are."""
    return by if caller.tenant is None or by == caller.name else None
