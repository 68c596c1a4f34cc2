"""What becomes of the ticks of a schedule. Pure: the stand before, the world, the stand after.

A tick's message only wakes us up: whatever is due by the timetable and not decided yet is decided,
in order, so it does not matter which messages come, how often, or in which order. What is late is
*missed*, whether its message is late or never comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from workerless.frozen import frozen, replace
from workerless.schedule.backfill import candidates, filled
from workerless.schedule.over import is_watched, look_at_over
from workerless.schedule.plan import MOMENT, Plan
from workerless.schedule.schedule import Missed, Overlap
from workerless.schedule.stand import FAR, KEPT_RUNS, Outcome, Run, Span, Stand
from workerless.states import State

# More are decided at the next look.
_MOST_TICKS = 5_000
# Nobody can do these: its job type is gone. The next ticks wait, and may be missed: a stand is an
# item of a table, of 400 KB at most.
_MOST_UNDONE = 100
# Missed ticks that each get a run, and may overlap: so many start at a look.
_CATCH_UP_AT_ONCE = 20
# Clocks differ; a tick from further ahead is nobody's.
_SKEW = timedelta(minutes=2)
_PRECISION = timedelta(minutes=1)
# What is left to do is looked at again so soon.
SOON = timedelta(minutes=1)
_LONGEST_PATIENCE = timedelta(minutes=15)


@frozen
class Decided:
    """The stand after a decision, and the runs that it added."""

    stand: Stand
    told: tuple[Run, ...]


def asked_for(plan: Plan, stand: Stand) -> list[str]:
    """The jobs whose states a decision needs."""
    runs = [run for run in stand.runs if run.outcome is Outcome.STARTED]
    needed = [one for one in runs if one.backfill or plan.overlap is not Overlap.ALLOW]
    again = [plan.job_id(tick) for tick in candidates(plan, stand)]
    return [*(run.job_id for run in needed if run.job_id), *again]


def decide(
    plan: Plan,
    stand: Stand,
    states: Mapping[str, State | None],
    *,
    now: datetime,
    tick: datetime | None = None,
) -> Decided:
    """Decide what is due: up to ``tick``, if there is one, and all that is late by ``now``.

    ``states`` are those of the jobs ``asked_for``, None where there is no record.
    """
    tick = _on_grid(plan, tick, now)
    if _is_leftover(plan, stand, tick):
        return Decided(stand=stand, told=())
    making = _Making(plan=plan, now=now, stand=_known(plan, _told(stand, states), now, tick))
    if len(making.stand.undone) < _MOST_UNDONE:
        making.take(due_by(plan, making.stand, now, tick))
        making.go_on()
    making.stand = filled(plan, making.stand, states, now=now)
    added = tuple(run for run in making.stand.runs if run.backfill and run not in stand.runs)
    new = [run for run in added if run.outcome is Outcome.DUE]
    return Decided(stand=_kept(plan, making.stand, now), told=(*making.told, *new))


def done(plan: Plan, stand: Stand, jobs: set[str], *, now: datetime) -> Stand:
    """The stand once the ``undone`` runs of ``jobs`` were enqueued, or called off."""
    steps = {Outcome.DUE: Outcome.STARTED, Outcome.CANCELLING: Outcome.CANCELLED}
    return _kept(plan, stand.with_outcomes(steps, jobs), now)


def renewed(plan: Plan, stand: Stand, *, now: datetime) -> Stand:
    """The stand of a dynamic schedule once it is ``plan``: another timetable begins now."""
    if stand.version == 0:
        stand = replace(stand, made_at=now)
    return _kept(plan, replace(_known(plan, stand, now, None), is_untold=True), now)


def told(plan: Plan, stand: Stand, *, now: datetime) -> Stand:
    """The stand once Scheduler knows the plan."""
    return _kept(plan, replace(stand, is_untold=False), now)


def _on_grid(plan: Plan, tick: datetime | None, now: datetime) -> datetime | None:
    """The tick of the timetable that a message stands for; of one in between there is none.

    AWS fires some timetables more often than they say, and its zones may be newer than ours: ours
    count, and what it leaves out is missed.
    """
    if tick is None or tick > now + _SKEW:
        return None
    on_grid = plan.timetable.until(tick)
    return on_grid if on_grid is not None and tick - on_grid < _PRECISION else None


def _is_leftover(plan: Plan, stand: Stand, tick: datetime | None) -> bool:
    """Whether it is a tick of an earlier timetable, from before the present one began."""
    decided = stand.decided_until
    is_old = tick is not None and decided is not None and tick <= decided
    return is_old and stand.timing != plan.timing


def _told(stand: Stand, states: Mapping[str, State | None]) -> Stand:
    """The stand with what the jobs' records say. One that is gone, or held, holds up nobody."""
    over = {job_id for job_id, state in states.items() if state is None or state.is_resting}
    return stand.with_outcomes({Outcome.STARTED: Outcome.ENDED}, over)


def _known(plan: Plan, stand: Stand, now: datetime, tick: datetime | None) -> Stand:
    """A schedule that is new, or has another timetable, begins now, or with this very tick.

    What the old timetable left to catch up is forgotten with it.
    """
    stand = replace(stand, plan=plan)
    if stand.timing == plan.timing:
        return stand
    begin = now if tick is None else min(now, tick - MOMENT)
    if stand.decided_until is not None:  # no tick is decided twice, whatever it is called
        begin = max(begin, stand.decided_until)
    return replace(stand, timing=plan.timing, decided_until=begin, catch_up=())


def due_by(plan: Plan, stand: Stand, now: datetime, tick: datetime | None) -> list[datetime]:
    """The ticks to decide: all up to ``tick``, and all that are late by ``now``."""
    late = now - plan.grace - MOMENT
    until = late if tick is None else max(tick, late)
    after = stand.decided_until or now
    return list(islice(plan.timetable.between(after, until), _MOST_TICKS))


@dataclass(slots=True, kw_only=True)
class _Making:
    """A decision in the making."""

    plan: Plan
    now: datetime
    stand: Stand
    told: list[Run] = field(default_factory=list)

    def take(self, due: list[datetime]) -> None:
        """Decide each of ``due``, which are in order."""
        wanted = self._without_paused(due)
        late = [tick for tick in wanted if self.now > tick + self.plan.grace]
        if late:
            self._miss(late, is_last=len(late) == len(wanted))
        for tick in wanted[len(late) :]:
            self._take(tick)
        if due:
            self.stand = replace(self.stand, decided_until=due[-1])

    def go_on(self) -> None:
        """Start what waited, if it may start now."""
        stand = self.stand
        if stand.pause is not None:
            return
        free = not stand.open_runs
        room = _CATCH_UP_AT_ONCE if self.plan.overlap is Overlap.ALLOW else int(free)
        while room and (span := next(iter(self.stand.catch_up), None)):
            room -= self._catch_up(span)
        if self.stand.queued is not None and not self.stand.open_runs:
            self._start(self.stand.queued)

    def _without_paused(self, due: list[datetime]) -> list[datetime]:
        pause = self.stand.pause
        if pause is None:
            return due
        if pause.until is not None and pause.until <= self.now:
            self.stand = replace(self.stand, pause=None)
        wanted = [tick for tick in due if pause.until is not None and tick >= pause.until]
        if paused := due[: len(due) - len(wanted)]:
            self._note(Outcome.PAUSED, paused[-1], count=len(paused))
        return wanted

    def _miss(self, late: list[datetime], *, is_last: bool) -> None:
        """Late ticks: told in any case, and made up for as the plan says."""
        self._note(Outcome.MISSED, late[-1], count=len(late))
        kept = [tick for tick in late if self.now - tick <= self.plan.window]
        if not kept:
            return
        match self.plan.missed:
            case Missed.LATEST if is_last:  # else the tick that is in time stands for them
                self._take(kept[-1])
            case Missed.ALL:
                before = [tick for tick in late if tick < kept[0]]
                after = before[-1] if before else self.stand.decided_until or self.now
                more = Span(after=after, until=kept[-1])
                covered = max(self.stand.covered_until or kept[-1], kept[-1])
                self.stand = replace(
                    self.stand, catch_up=(*self.stand.catch_up, more), covered_until=covered
                )

    def _take(self, tick: datetime) -> None:
        """One tick that shall run, unless the run before stands in its way."""
        waits_for = self.stand.open_runs
        match self.plan.overlap:
            case Overlap.SKIP if waits_for:
                self._note(Outcome.SKIPPED, tick)
            case Overlap.QUEUE_ONE if waits_for:
                self._note(Outcome.QUEUED, tick)
                self.stand = replace(self.stand, queued=tick)
            case Overlap.CANCEL_OLD:
                jobs = {run.job_id for run in waits_for if run.job_id}
                self.stand = self.stand.with_outcomes(_CALLED_OFF, jobs)
                self._start(tick)
            case _:
                self._start(tick)

    def _start(self, tick: datetime) -> None:
        """It covers all since the run before, and so whatever is queued."""
        before = self.stand.covered_until or self.plan.before(tick)
        self.stand = replace(self.stand, covered_until=tick, queued=None)
        self._note(Outcome.DUE, tick, after=before)

    def _catch_up(self, span: Span) -> int:
        """The next tick of the first span; 1 where it starts, 0 where it is none, or too old."""
        tick = next(iter(self.plan.timetable.between(span.after, span.until)), None)
        rest = self.stand.catch_up[1:]
        if tick is None:
            self.stand = replace(self.stand, catch_up=rest)
            return 0
        left = (Span(after=tick, until=span.until),) if tick < span.until else ()
        self.stand = replace(self.stand, catch_up=(*left, *rest))
        if self.now - tick > self.plan.window:
            return 0
        self._note(Outcome.DUE, tick, after=span.after)
        return 1

    def _note(
        self, outcome: Outcome, tick: datetime, *, count: int = 1, after: datetime | None = None
    ) -> None:
        job_id = self.plan.job_id(tick) if outcome is Outcome.DUE else None
        run = Run(tick=tick, outcome=outcome, at=self.now, count=count, job_id=job_id, after=after)
        self.told.append(run)
        *before, last = self.stand.runs or (run,)
        is_more = bool(self.stand.runs) and job_id is None and last.outcome is outcome
        merged = replace(run, count=last.count + count) if is_more else run
        kept = tuple(before) if is_more else self.stand.runs
        self.stand = replace(self.stand, runs=(*kept, merged))


def _kept(plan: Plan, stand: Stand, now: datetime) -> Stand:
    """Without the runs that nobody needs any more, and with the time of the next look."""
    old, new = stand.runs[:-KEPT_RUNS], stand.runs[-KEPT_RUNS:]
    needed = tuple(run for run in old if run in stand.undone or is_watched(plan, run))
    stand = replace(stand, runs=(*needed, *new))
    return replace(stand, look_at=_look_at(plan, stand, now))


def _look_at(plan: Plan, stand: Stand, now: datetime) -> datetime:
    """When the sweeper would find something to do, if no tick came before."""
    if stand.is_untold:
        return now + SOON
    if stand.has_work:
        return now + _patience(stand, now)
    after = stand.decided_until or now
    if stand.pause is not None:
        if stand.pause.until is None:
            return FAR
        after = max(after, stand.pause.until - MOMENT)
    following = next(iter(plan.timetable.after(after)), None)
    if following is None:
        return look_at_over(plan, after, now)
    return following + plan.grace + SOON / 60


def _patience(stand: Stand, now: datetime) -> timedelta:
    """The longer a run was waited for, the longer it may take still."""
    waits = [*([stand.queued] if stand.queued else []), *(span.until for span in stand.catch_up)]
    if stand.undone or not waits or not stand.open_runs:
        return SOON
    return min(max((now - min(waits)) / 8, SOON), _LONGEST_PATIENCE)


_CALLED_OFF = {Outcome.DUE: Outcome.CANCELLING, Outcome.STARTED: Outcome.CANCELLING}
