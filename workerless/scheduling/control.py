"""Schedules in people's hands: see where they stand, make and pause them, run one, fill a range."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from workerless.audit import AuditTrail
from workerless.errors import (
    EnqueueFailedError,
    JobStateError,
    OperationRefusedError,
    ScheduleNotFoundError,
    StoreUnavailableError,
)
from workerless.frozen import frozen, replace
from workerless.planned import is_recorded, planned_job
from workerless.schedule.backfill import MAX_LIMIT, runs_again, ticks_of
from workerless.schedule.plan import MOMENT, Plan, is_dynamic
from workerless.schedule.stand import Backfill, Outcome, Pause, Reprocess, Run, Span, Stand
from workerless.schedule_ports import Stands
from workerless.scheduling.desk import ScheduleDesk
from workerless.scheduling.dynamic import Kept, check_new, forget, keep, unchanged
from workerless.scheduling.page import is_seen, page_of
from workerless.scheduling.wanted import WantedSchedule, plan_wanted
from workerless.sending import send_all

_TRIES = 10
_MAX_WHY = 500
# Beyond, instants are not always there in every zone.
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_PAUSE = timedelta(days=3_650)
# What a dry run looks at: one read of a hundred records, ten times.
MOST_SHOWN = 1_000
_READ_AT_ONCE = 100


@frozen
class Candidate:
    """A tick of a range, and whether a backfill would run it."""

    tick: datetime
    runs: bool


class ScheduleControl:
    """Those of one stage, or of one tenant only, in the hands of one operator."""

    def __init__(self, desk: ScheduleDesk, *, tenant: str | None = None) -> None:
        self._desk = desk
        self._tenant = tenant

    def of(self, tenant: str | None) -> "ScheduleControl":
        """Those of one tenant, as if there were no others; of all with None."""
        return ScheduleControl(self._desk, tenant=tenant)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Stands:
        """The next to be looked at first; a page may hold fewer than ``limit``, and have a next.

        Raises ``CursorRefusedError``.
        """
        return page_of(self._desk, self._tenant, limit=limit, cursor=cursor)

    def plan(self, job_type: str, wanted: WantedSchedule) -> Plan:
        """What ``put`` takes: all is checked, nothing is changed.

        Raises ``UnknownJobTypeError``, ``DeclarationError`` and ``EnqueueRefusedError`` naming what
        does not fit, and ``OperationRefusedError`` where the declaration is not at hand, for
        another tenant, and for what is never due.
        """
        self._desk.directory.find(job_type)
        declared = self._desk.declared(job_type)
        if declared is None:
            raise OperationRefusedError(
                f"a schedule of {job_type} cannot be checked here: its declaration "
                "(functions/*/job.py) is not at hand; make it from a checkout, or through the API"
            )
        plan = plan_wanted(wanted, declared)
        check_new(plan, self._desk, tenant=self._tenant)
        return plan

    def put(self, plan: Plan, *, why: str | None = None) -> Kept:
        """Make a dynamic schedule, or have the one with this id be like that from now on.

        One that is like that already is left alone. Raises ``UnknownJobTypeError``,
        ``OperationRefusedError``, ``StoreUnavailableError``, and ``PlatformUnavailableError`` where
        it is kept, and Scheduler did not answer: the sweeper tells it within a minute or two.
        """
        desk = self._desk
        if stand := unchanged(plan, desk, tenant=self._tenant):
            return Kept(stand=stand, created=False, changed=False)
        check_new(plan, desk, tenant=self._tenant)
        with AuditTrail(desk).noted("put schedule", plan.schedule_id, why=why):
            return keep(plan, desk, tenant=self._tenant)

    def delete(self, schedule_id: str, *, why: str | None = None) -> None:
        """Have no tick of a dynamic schedule run any more; runs that were started go on.

        Raises ``OperationRefusedError`` for a declared one, ``PlatformUnavailableError`` where it
        is gone, and Scheduler did not answer (its ticks do nothing), and as ``show`` does.
        """
        self._seen(schedule_id)
        if not is_dynamic(schedule_id):
            raise OperationRefusedError(
                f"{schedule_id} is declared by its job type: remove it there, and deploy"
            )
        with AuditTrail(self._desk).noted("delete schedule", schedule_id, why=why):
            forget(schedule_id, self._desk, find=lambda: self._seen(schedule_id)[0])

    def show(self, schedule_id: str) -> Stand:
        """Raises ``ScheduleNotFoundError``."""
        return self._seen(schedule_id)[0]

    def next(self, schedule_id: str, number: int) -> Sequence[datetime]:
        """Its next ticks, as if nobody paused it. Raises as ``show`` does."""
        _, plan = self._seen(schedule_id)
        return list(islice(plan.timetable.after(self._desk.clock.now()), number))

    def pause(self, schedule_id: str, *, why: str, until: datetime | None = None) -> Pause:
        """Have no tick run, until then or a resume. What is paused misses nothing.

        Runs that were started go on. Raises ``OperationRefusedError`` and as ``show`` does.
        """
        desk = self._desk
        now = desk.clock.now()
        _check_why(why)
        if until is not None and not now < until <= now + _LONGEST_PAUSE:
            raise OperationRefusedError(
                f"until must be later than now, {now.isoformat()}, and within ten years, "
                f"got {until.isoformat()}"
            )
        pause = Pause(by=desk.by(), at=now, why=why, until=until)
        with AuditTrail(desk).noted("pause schedule", schedule_id, why=why):
            self._change(schedule_id, lambda stand: replace(stand, pause=pause, look_at=now))
        return pause

    def resume(self, schedule_id: str, *, why: str | None = None) -> Pause:
        """End a pause; the pause that it was. Raises ``JobStateError`` where there is none."""
        now = self._desk.clock.now()
        ended: list[Pause] = []

        def resumed(stand: Stand) -> Stand:
            if stand.pause is None:
                raise JobStateError(f"schedule {schedule_id} is not paused")
            ended[:] = [stand.pause]
            decided = max(stand.decided_until or now, now)
            return replace(stand, pause=None, decided_until=decided, look_at=now)

        with AuditTrail(self._desk).noted("resume schedule", schedule_id, why=why):
            self._change(schedule_id, resumed)
        return ended[0]

    def run(self, schedule_id: str, *, why: str | None = None) -> str:
        """Enqueue its job now, whatever else runs; the job's id.

        Raises as ``show`` does, and ``EnqueueFailedError`` where it has no record and was not sent.
        """
        desk, (_, plan) = self._desk, self._seen(schedule_id)
        with AuditTrail(desk).noted("run schedule", schedule_id, why=why) as entry_id:
            now = desk.clock.now()
            job_id = f"{plan.job_id(now)}:{entry_id[-12:]}"
            run = Run(tick=now, outcome=Outcome.DUE, at=now, job_id=job_id)
            record, outgoing = planned_job(plan, run, now)
            address = desk.directory.find(plan.job_type)
            if is_recorded(plan):
                desk.store.put_many([record])
            (failure,) = send_all(desk.queue, address, [outgoing])
            if failure is not None and not is_recorded(plan):
                raise EnqueueFailedError({job_id: failure.code}, total=1)
            if failure is not None:  # its record waits, and the sweeper sends it
                desk.telemetry.trouble("send_failed", None, job_id=job_id, code=failure.code)
        return job_id

    def preview(
        self, schedule_id: str, *, first: datetime, last: datetime, reprocess: Reprocess
    ) -> Sequence[Candidate]:
        """What a backfill would do now: its first 1,000 ticks. Nothing is changed.

        Raises as ``backfill`` does.
        """
        _, plan = self._seen(schedule_id)
        ticks = ticks_of(plan, _span(first, last, self._desk.clock.now()), MOST_SHOWN)
        found: list[Candidate] = []
        for start in range(0, len(ticks), _READ_AT_ONCE):
            some = ticks[start : start + _READ_AT_ONCE]
            records = self._desk.store.get_many([plan.job_id(tick) for tick in some])
            found += [
                Candidate(tick=tick, runs=runs_again(record.state if record else None, reprocess))
                for tick, record in zip(some, records, strict=True)
            ]
        return found

    def backfill(
        self,
        schedule_id: str,
        *,
        first: datetime,
        last: datetime,
        limit: int,
        reprocess: Reprocess,
        why: str | None = None,
    ) -> Backfill:
        """Run the ticks from ``first`` to ``last`` (both included), ``limit`` (1 to 100) at once.

        Begins within a minute. Raises ``OperationRefusedError``, ``JobStateError`` while another
        one goes on, and as ``show`` does.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise OperationRefusedError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")
        now = self._desk.clock.now()
        span = _span(first, last, now)
        made: list[Backfill] = []
        with AuditTrail(self._desk).noted("backfill", schedule_id, why=why) as entry_id:

            def filling(stand: Stand) -> Stand:
                if stand.backfill is not None and stand.backfill.finished_at is None:
                    raise JobStateError(f"a backfill of {schedule_id} goes on; stop it first")
                made[:] = [
                    Backfill(
                        backfill_id=entry_id[-12:],
                        span=span,
                        limit=limit,
                        reprocess=reprocess,
                        by=self._desk.by(),
                        at=now,
                    )
                ]
                return replace(stand, backfill=made[0], look_at=now)

            self._change(schedule_id, filling)
        return made[0]

    def stop(self, schedule_id: str, *, why: str | None = None) -> Backfill:
        """End a backfill before its time; runs that were started go on."""
        stopped: list[Backfill] = []

        def ended(stand: Stand) -> Stand:
            backfill = stand.backfill
            if backfill is None or backfill.finished_at is not None:
                raise JobStateError(f"no backfill of {schedule_id} goes on")
            stopped[:] = [replace(backfill, finished_at=self._desk.clock.now())]
            return replace(stand, backfill=stopped[0])

        with AuditTrail(self._desk).noted("stop backfill", schedule_id, why=why):
            self._change(schedule_id, ended)
        return stopped[0]

    def _seen(self, schedule_id: str) -> tuple[Stand, Plan]:
        (stand,) = self._desk.stands.read_many([schedule_id])
        if stand is None or stand.plan is None or not is_seen(stand, self._tenant):
            raise ScheduleNotFoundError(
                f"no schedule has the id {ascii(schedule_id)[:80]}: a declared one is called "
                "<job type>-<name>, and known a minute after its deployment; one made at run time "
                "<job type>--<key>"
            )
        return stand, stand.plan

    def _change(self, schedule_id: str, to: Callable[[Stand], Stand]) -> None:
        for _ in range(_TRIES):
            stand, _ = self._seen(schedule_id)
            if self._desk.stands.save(to(stand)):
                return
        raise StoreUnavailableError(f"schedule {schedule_id} changes all the time; try again")


def _span(first: datetime, last: datetime, now: datetime) -> Span:
    if first < _FIRST:
        raise OperationRefusedError(
            f"first must not be before {_FIRST.isoformat()}, got {first.isoformat()}"
        )
    if last < first:
        raise OperationRefusedError(
            f"last must not be before first, {first.isoformat()}, got {last.isoformat()}"
        )
    if last > now:
        raise OperationRefusedError(
            f"last must not be later than now, {now.isoformat()}, got {last.isoformat()}"
        )
    return Span(after=first - MOMENT, until=last)


def _check_why(why: str) -> None:
    if not why.strip() or len(why) > _MAX_WHY:
        raise OperationRefusedError(f"why must be 1 to {_MAX_WHY} characters, got {len(why)}")
