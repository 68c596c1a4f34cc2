"""The line of a concurrency key: who joins it, and who is woken when a permit comes back.

Nobody polls. Who gives a permit back and sees that there is a line hands it to the first job that
still waits, in the one write that takes it back, and only then sends that job's message: a process
that dies in between costs one look of that job. Who joins notes so in the permits themselves: then
whoever gives one back sees the line, or the note meets a permit that is free. No wake-up is lost.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeGuard

from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.execution.reading import read_each
from workerless.execution.runtime import Runtime
from workerless.flow.concurrency import OnConflict
from workerless.flow.permits import (
    MOST_AT_ONCE,
    Holder,
    Permits,
    Waiter,
    free_without,
    handed_over,
    on_its_way,
    taken,
    was_handed_by,
)
from workerless.flow_ports import FlowStores
from workerless.frozen import replace
from workerless.message import MalformedMessage
from workerless.record import Record
from workerless.resend import resent
from workerless.states import State

WHY = "concurrency_key"
# Each lost race means that another job of the key moved on.
_MOST_RACES = 10
# How many that wait no more are cleared away by one who looks for the next.
_MOST_GONE = 50
# How many that wait are cancelled for one that replaces them.
_MOST_REPLACED = 50


class Line:
    """The permits and lines of one job type's keys, as one execution environment works on them.

    All raise ``StoreUnavailableError``.
    """

    def __init__(
        self, on_conflict: OnConflict, stores: FlowStores, limit_at: Callable[[datetime], int]
    ) -> None:
        self._on_conflict = on_conflict
        self._permits = stores.permits
        self._jobs = stores.jobs
        self._limit_at = limit_at

    def take(self, name: str, mine: Holder, runtime: Runtime) -> Permits:
        """Take a permit if there is one; what stands there then shows whether."""
        now = runtime.ports.clock.now()
        limit = self._limit_at(now)
        answer = self._permits.take(name, mine, limit)
        for _ in range(_MOST_RACES):
            if answer.permits.is_held(mine.job_id, mine.token):
                break
            after = taken(answer.permits, mine, limit=limit, now=now)
            if after is None:
                break
            answer = self._permits.change(name, answer.permits, after)
        return answer.permits

    def stand(self, name: str, waiter: Waiter, runtime: Runtime, *, is_new: bool) -> None:
        """Join the line, and be woken at once if there is a permit by now.

        The job's record says already that it waits, so whoever wakes it finds it so. ``is_new``
        tells that this was its first look: then it calls off the job that runs, if it may.
        """
        now = runtime.ports.clock.now()
        limit = self._limit_at(now)
        self._permits.join(name, waiter)
        if self._on_conflict is not OnConflict.WAIT:
            self._cancel_older(name, runtime)
        answer = self._permits.await_one(name, limit)
        for _ in range(_MOST_RACES):
            held = answer.permits.of(waiter.job_id)
            if held is not None:
                (record,) = self._read([waiter], runtime)
                self._summon(name, waiter, record, runtime)
                if held.is_on_its_way and not _waits(record):  # we were slow: it waits no more
                    self._hand_over(name, held, answer.permits, runtime)
                return
            coming = on_its_way(waiter, now, by="")
            after = taken(answer.permits, coming, limit=limit, now=now)
            if after is None:
                break
            answer = self._permits.change(name, answer.permits, after)
        if is_new and self._on_conflict is OnConflict.CANCEL_OLD:
            self._call_off(name, answer.permits, waiter, runtime)

    def give_back(self, name: str, mine: Holder, runtime: Runtime) -> None:
        """Give a permit back: to the next in the line, if there is one."""
        answer = self._permits.release(name, mine)
        if not answer.is_done:
            self._hand_over(name, mine, answer.permits, runtime)

    def refuse(self, name: str, mine: Holder, runtime: Runtime) -> None:
        """Give a permit back that was handed to a job which may not start for another reason."""
        permits = self._permits.release(name, mine).permits
        coming = permits.of(mine.job_id)
        if coming is not None and coming.is_on_its_way:
            self._hand_over(name, coming, permits, runtime)

    def _hand_over(self, name: str, mine: Holder, permits: Permits, runtime: Runtime) -> None:
        for _ in range(_MOST_RACES):
            if not permits.is_held(mine.job_id, mine.token):
                return
            heirs = self._heirs(name, mine, permits, runtime)
            now = runtime.ports.clock.now()
            waiters = None if heirs is None else [waiter for waiter, _ in heirs]
            after = handed_over(permits, mine, waiters, now=now)
            answer = self._permits.change(name, permits, after)
            permits = answer.permits
            if answer.is_done or was_handed_by(permits, mine):
                for waiter, record in heirs or ():
                    self._summon(name, waiter, record, runtime)
                return

    def _heirs(
        self, name: str, mine: Holder, permits: Permits, runtime: Runtime
    ) -> list[tuple[Waiter, Record]] | None:
        """Those who are next, one for each permit that is free then; None if nobody waits.

        Who waits no more is taken out of the line on the way.
        """
        now = runtime.ports.clock.now()
        free = free_without(permits, mine.job_id, limit=self._limit_at(now), now=now)
        for _ in range(_MOST_GONE if free else 0):
            waiters = self._permits.line(name, min(free, MOST_AT_ONCE))
            if not waiters:
                return None
            heirs = []
            for waiter, record in zip(waiters, self._read(waiters, runtime), strict=True):
                if permits.of(waiter.job_id) is None and _waits(record):
                    heirs.append((waiter, record))
                else:
                    self._permits.quit(name, waiter)
            if heirs:
                return heirs
        return []

    def _summon(self, name: str, waiter: Waiter, record: Record | None, runtime: Runtime) -> None:
        """Have a job that was given a permit come at once.

        One that is being looked at this moment finds its permit itself, before it waits again.
        """
        self._permits.quit(name, waiter)
        if not _waits(record) or record.state is not State.SCHEDULED:
            return
        now, telemetry = runtime.ports.clock.now(), runtime.ports.telemetry
        try:
            self._jobs.reschedule(waiter.job_id, run_at=now, at=now)
            message = resent(replace(record, run_at=now), now)
        except (JobNotFoundError, MalformedMessage) as error:
            telemetry.trouble("wake_failed", error, job_id=waiter.job_id)
            return
        (failure,) = runtime.ports.queue.send_many(waiter.queue, [message])
        if failure is not None:
            telemetry.trouble("wake_failed", None, job_id=waiter.job_id, code=failure.code)

    def _call_off(self, name: str, permits: Permits, newest: Waiter, runtime: Runtime) -> None:
        """Ask the job that runs to end. One that was woken and has not come yet ends here."""
        now = runtime.ports.clock.now()
        until = now + runtime.job_type.completed_retention
        for holder in permits.holders:
            reason = f"replaced by {newest.job_id}"
            self._jobs.cancel(holder.job_id, at=now, reason=reason, expires_at=until)
            if holder.is_on_its_way:
                self._hand_over(name, holder, permits, runtime)

    def _cancel_older(self, name: str, runtime: Runtime) -> None:
        """All but the last of the line; who joined it late may be one of them itself."""
        now = runtime.ports.clock.now()
        until = now + runtime.job_type.completed_retention
        waiters = self._permits.line(name, _MOST_REPLACED)
        older = waiters[:-1]
        for waiter, record in zip(older, self._read(older, runtime), strict=True):
            if _waits(record) and record.state is State.SCHEDULED:
                reason = f"replaced by {waiters[-1].job_id}"
                self._jobs.cancel(waiter.job_id, at=now, reason=reason, expires_at=until)
            self._permits.quit(name, waiter)

    def _read(self, waiters: Sequence[Waiter], runtime: Runtime) -> list[Record | None]:
        """Their records, None where there is none that anybody can read."""
        answers = read_each(
            [one.job_id for one in waiters],
            self._jobs,
            runtime.ports.telemetry,
            has_time=runtime.has_time_to_write,
        )
        if None in answers:
            raise StoreUnavailableError("the records of the next in the line got no answer")
        return [one if isinstance(one, Record) else None for one in answers]


def _waits(record: Record | None) -> TypeGuard[Record]:
    """Whether it is in the line, or being looked at."""
    if record is None:
        return False
    return record.state is State.PROCESSING or (
        record.state is State.SCHEDULED and record.reason == WHY
    )
