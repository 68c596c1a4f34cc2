"""Takes the ticks of schedules: decides, writes the decision down, then does it.

Of two functions that decide at once one writes, and the other decides again on what it finds. Who
dies after writing leaves runs that are *due*: the next look at the schedule does them, a minute
later. Each is the same job whoever enqueues it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.frozen import frozen, replace
from workerless.planned import is_recorded, planned_job
from workerless.ports import Clock, Directory, Outgoing, Queue, Store, Telemetry
from workerless.record import Record
from workerless.schedule.plan import Plan, is_dynamic
from workerless.schedule.stand import Outcome, Run, Stand
from workerless.schedule.tick import asked_for, decide, done
from workerless.schedule_ports import StandStore
from workerless.sending import send_all
from workerless.states import State
from workerless.transition import is_payload_of

_TRIES = 10
# A job that a later tick called off is kept as long as any that its caller called off.
_CANCELLED_RETENTION = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticking:
    """The world of who takes ticks."""

    stands: StandStore
    store: Store
    queue: Queue
    directory: Directory
    clock: Clock
    telemetry: Telemetry


@frozen
class Taken:
    """What became of a schedule: its plan, its stand, and what was decided."""

    plan: Plan
    stand: Stand
    told: Sequence[Run] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether it is a dynamic schedule that Scheduler may not know as it is."""
        was_missed = any(run.outcome is Outcome.MISSED for run in self.told)
        return self.stand.is_untold or (was_missed and is_dynamic(self.plan.schedule_id))


def take_tick(plan: Plan, tick: datetime | None, world: Ticking) -> Taken | None:
    """Decide and do what is due of ``plan``; with ``tick`` None, only what is late or left.

    None of a dynamic schedule that is not there any more. Raises
    ``StoreUnavailableError``, and ``WorkerlessError`` for what could not be done: it is safe to
    ask again.
    """
    for _ in range(_TRIES):
        stand = _read(plan.schedule_id, world)
        if is_dynamic(plan.schedule_id):
            if stand.plan is None:
                return None
            plan = stand.plan
        now = world.clock.now()
        decided = decide(plan, stand, _states(asked_for(plan, stand), world), now=now, tick=tick)
        if decided.stand == stand:
            return Taken(plan=plan, stand=stand)
        # What was missed is told first: rather twice than never.
        _tell(plan, [run for run in decided.told if run.outcome is Outcome.MISSED], world.telemetry)
        if not world.stands.save(decided.stand):
            continue
        stand = _saved(decided.stand)
        others = [run for run in decided.told if run.outcome is not Outcome.MISSED]
        _tell(plan, others, world.telemetry)
        after = carry_out(plan, stand, world) if stand.undone else stand
        return Taken(plan=plan, stand=after, told=decided.told)
    raise StoreUnavailableError(
        f"schedule {plan.schedule_id} changed {_TRIES} times while one tick of it was decided"
    )


def _read(schedule_id: str, world: Ticking) -> Stand:
    (stand,) = world.stands.read_many([schedule_id])
    return stand or Stand(schedule_id=schedule_id)


def _states(job_ids: Sequence[str], world: Ticking) -> Mapping[str, State | None]:
    if not job_ids:
        return {}
    records = world.store.get_many(job_ids)
    return {
        job_id: record.state if record else None
        for job_id, record in zip(job_ids, records, strict=True)
    }


def carry_out(plan: Plan, stand: Stand, world: Ticking) -> Stand:
    """Enqueue what is due, call off what is in its way, and note that both are done."""
    enqueued = _enqueue(plan, [run for run in stand.undone if run.outcome is Outcome.DUE], world)
    in_the_way = {run.job_id or "" for run in stand.undone if run.outcome is Outcome.CANCELLING}
    for job_id in in_the_way:
        _cancel(job_id, plan, world)
    after = done(plan, stand, enqueued | in_the_way, now=world.clock.now())
    # Where another was quicker it will do all this once more: the same jobs, to no effect.
    return _saved(after) if world.stands.save(after) else stand


def _enqueue(plan: Plan, runs: Sequence[Run], world: Ticking) -> set[str]:
    """The jobs that are on their way for certain, or in the care of the sweeper of jobs."""
    if not runs:
        return set()
    address = world.directory.find(plan.job_type)
    now = world.clock.now()
    jobs = [planned_job(plan, run, now) for run in runs]
    unsent = _stored(plan, jobs, world) if is_recorded(plan) else jobs
    answers = send_all(world.queue, address, [outgoing for _, outgoing in unsent])
    failed = {
        record.job_id: failure.code
        for (record, _), failure in zip(unsent, answers, strict=True)
        if failure is not None
    }
    for job_id, code in failed.items():
        world.telemetry.trouble("send_failed", None, job_id=job_id, code=code)
    lost = set() if is_recorded(plan) else failed.keys()
    return {record.job_id for record, _ in jobs} - lost


def _stored(
    plan: Plan, jobs: Sequence[tuple[Record, Outgoing]], world: Ticking
) -> list[tuple[Record, Outgoing]]:
    """Those to send: a job that never started may be one whose message was never sent."""
    puts = world.store.put_many([record for record, _ in jobs])
    unsent = []
    for (record, outgoing), put in zip(jobs, puts, strict=True):
        is_same = put.record.job_type == record.job_type and is_payload_of(
            put.record, record.digest
        )
        if not is_same:  # a tick has one job, whatever the schedule's payload has become since
            world.telemetry.trouble(
                "tick_has_another_job", None, schedule_id=plan.schedule_id, job_id=record.job_id
            )
        elif put.created or (put.record.state.is_waiting and put.record.attempt == 0):
            unsent.append((record, outgoing))
    return unsent


def _cancel(job_id: str, plan: Plan, world: Ticking) -> None:
    now = world.clock.now()
    with suppress(JobNotFoundError):  # it ended long ago
        world.store.cancel(
            job_id,
            at=now,
            reason=f"a later tick of {plan.schedule_id} took its place",
            expires_at=now + _CANCELLED_RETENTION,
        )


def _saved(stand: Stand) -> Stand:
    return replace(stand, version=stand.version + 1)


def _tell(plan: Plan, runs: Sequence[Run], telemetry: Telemetry) -> None:
    """A line for each decision; ``schedule.missed`` is what the alarm counts."""
    for run in runs:
        event = "started" if run.outcome is Outcome.DUE else run.outcome.value
        telemetry.transition(
            {
                "event": f"schedule.{event}",
                "schedule_id": plan.schedule_id,
                "job_type": plan.job_type,
                "job_id": run.job_id,
                "scheduled_for": run.tick.isoformat(),
                "count": run.count if run.count > 1 else None,
                "tenant": plan.tenant,
            }
        )
