"""Schedules: how they stand, when they are due, pause and resume, run one now, fill a range."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from workerless.http.desk import Desk
from workerless.http.parameter import Cursor, Limit
from workerless.http.shape_of_dead import Word
from workerless.http.shape_of_schedule import (
    BackfillShape,
    PauseSchedule,
    SchedulePage,
    SchedulePauseShape,
    ScheduleShape,
    StartBackfill,
    StartedRun,
    TickList,
)
from workerless.http.view_of_schedule import (
    backfill_shape,
    dry_run_shape,
    pause_shape,
    schedule_page,
    schedule_shape,
)
from workerless.operations.schedule_service import Schedules
from workerless.operations.veiling import veiled

_TAGS = ["schedules"]
_ONE = "/schedules/<schedule_id>"
Number = Annotated[int, Query(ge=1, le=1_000, description="how many")]


def add(desk: Desk) -> None:
    """Adds the routes below ``/schedules``."""
    _add_looks(desk)
    _add_pauses(desk)
    _add_runs(desk)


def _of_caller(desk: Desk) -> Schedules:
    """Those that the caller may see: a tenant's own, or all."""
    return desk.operations.schedules.of(desk.caller.tenant)


def _add_looks(desk: Desk) -> None:
    @desk.app.get("/schedules", operation_id="listSchedules", tags=_TAGS)
    def list_schedules(limit: Limit = 50, cursor: Cursor = None) -> SchedulePage:
        """The schedules, the next to be due first."""
        page = _of_caller(desk).list(limit=limit, cursor=cursor)
        states = desk.operations.jobs.states(
            [run.job_id for one in page.found if (run := one.last_run) and run.job_id]
        )
        return schedule_page(page, states, desk.caller, desk.clock.now())

    @desk.app.get(_ONE, operation_id="getSchedule", tags=_TAGS)
    def show(schedule_id: str) -> ScheduleShape:
        """One schedule: what its jobs are like, how it stands, and its last runs."""
        stand = veiled(_of_caller(desk).show(schedule_id), desk.operations.jobs)
        states = desk.operations.jobs.states([run.job_id for run in stand.runs if run.job_id])
        return schedule_shape(stand, states, desk.caller, desk.clock.now())

    @desk.app.get(f"{_ONE}/next", operation_id="getNextTicks", tags=_TAGS)
    def next_ticks(schedule_id: str, number: Number = 5) -> TickList:
        """When it is due next, as if nobody paused it."""
        return TickList(ticks=list(_of_caller(desk).next(schedule_id, number)))


def _add_pauses(desk: Desk) -> None:
    @desk.app.post(f"{_ONE}/pause", operation_id="pauseSchedule", tags=_TAGS)
    def pause(schedule_id: str, wanted: PauseSchedule) -> SchedulePauseShape:
        """Have no tick run; what is paused misses nothing, and runs that began go on."""
        done = _of_caller(desk).pause(schedule_id, why=wanted.why, until=wanted.until)
        return pause_shape(done, desk.caller)

    @desk.app.post(f"{_ONE}/resume", operation_id="resumeSchedule", tags=_TAGS)
    def resume(schedule_id: str, word: Word | None = None) -> SchedulePauseShape:
        """End a pause: it goes on with its next tick; the pause that it was."""
        ended = _of_caller(desk).resume(schedule_id, why=word.why if word else None)
        return pause_shape(ended, desk.caller)


def _add_runs(desk: Desk) -> None:
    @desk.app.post(f"{_ONE}/run", status_code=202, operation_id="runSchedule", tags=_TAGS)
    def run(schedule_id: str, word: Word | None = None) -> StartedRun:
        """Enqueue its job now, whatever else runs."""
        job_id = _of_caller(desk).run(schedule_id, why=word.why if word else None)
        return StartedRun(job_id=job_id)

    @desk.app.post(f"{_ONE}/backfill", status_code=202, operation_id="startBackfill", tags=_TAGS)
    def backfill(schedule_id: str, wanted: StartBackfill) -> BackfillShape:
        """Run the ticks of a range, later or again; or only tell which would run."""
        if wanted.dry_run:
            return _looked(desk, schedule_id, wanted)
        made = _of_caller(desk).backfill(
            schedule_id,
            first=wanted.first,
            last=wanted.last,
            limit=wanted.limit,
            reprocess=wanted.reprocess,
            why=wanted.why,
        )
        return backfill_shape(made, desk.caller)

    @desk.app.post(f"{_ONE}/backfill/stop", operation_id="stopBackfill", tags=_TAGS)
    def stop(schedule_id: str, word: Word | None = None) -> BackfillShape:
        """End a backfill before its time; runs that began go on."""
        stopped = _of_caller(desk).stop(schedule_id, why=word.why if word else None)
        return backfill_shape(stopped, desk.caller)


def _looked(desk: Desk, schedule_id: str, wanted: StartBackfill) -> BackfillShape:
    found = _of_caller(desk).preview(
        schedule_id, first=wanted.first, last=wanted.last, reprocess=wanted.reprocess
    )
    return dry_run_shape(wanted, found, desk.caller, desk.clock.now())
