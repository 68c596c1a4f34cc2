"""The ticks of a range, run later or again. Pure.

A backfill is part of its schedule's stand, and goes on at each look of the sweeper. Its runs are
its own affair: neither do they wait for the schedule's other runs, nor those for them.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from workerless.frozen import replace
from workerless.schedule.plan import Plan
from workerless.schedule.stand import Backfill, Outcome, Reprocess, Run, Span, Stand
from workerless.states import State

MAX_LIMIT = 100
# So many ticks are looked at in one go.
_PAGE = 100
_UNDONE = {State.FAILED, State.DISCARDED, State.CANCELLED}


def ticks_of(plan: Plan, span: Span, most: int) -> list[datetime]:
    """The first ``most`` ticks of a range: what a dry run shows."""
    return list(islice(plan.timetable.between(span.after, span.until), most))


def runs_again(state: State | None, reprocess: Reprocess) -> bool:
    """Whether a tick whose job is in ``state`` (None: no record of it) gets a run."""
    match reprocess:
        case _ if state is None:
            return True
        case Reprocess.NONE:
            return False
        case Reprocess.FAILED:
            return state in _UNDONE
        case Reprocess.ALL:
            return state.is_resting


def candidates(plan: Plan, stand: Stand) -> list[datetime]:
    """The ticks that a running backfill looks at next; none while it has no room."""
    backfill = stand.backfill
    if backfill is None or backfill.finished_at is not None or not _room(stand, backfill):
        return []
    return ticks_of(plan, backfill.span, _PAGE)


def filled(plan: Plan, stand: Stand, states: Mapping[str, State | None], *, now: datetime) -> Stand:
    """The stand with as many runs of the backfill more as there is room for.

    ``states`` are those of the jobs of its ``candidates``. A run that follows another of the same
    tick has an id of its own, the same however often this is decided.
    """
    backfill = stand.backfill
    if backfill is None or backfill.finished_at is not None:
        return stand
    room, runs, left_out = _room(stand, backfill), list[Run](), 0
    after = backfill.span.after
    found = candidates(plan, stand)
    for tick in found:
        if len(runs) == room:
            break
        job_id = plan.job_id(tick)
        if runs_again(states.get(job_id), backfill.reprocess):
            again = "" if states.get(job_id) is None else f":{backfill.backfill_id}"
            runs.append(_run(backfill, tick, job_id + again, plan.before(tick), now))
        else:
            left_out += 1
        after = tick
    is_over = room > 0 and len(found) < _PAGE and after == (found[-1] if found else after)
    span = Span(after=backfill.span.until if is_over else after, until=backfill.span.until)
    new = replace(
        backfill,
        span=span,
        started=backfill.started + len(runs),
        left_out=backfill.left_out + left_out,
    )
    stand = replace(stand, runs=(*stand.runs, *runs), backfill=new)
    if is_over and not _open_runs(stand, backfill):
        stand = replace(stand, backfill=replace(new, finished_at=now))
    return stand


def _run(
    backfill: Backfill, tick: datetime, job_id: str, after: datetime | None, now: datetime
) -> Run:
    return Run(
        tick=tick,
        outcome=Outcome.DUE,
        at=now,
        job_id=job_id,
        after=after,
        backfill=backfill.backfill_id,
    )


def _room(stand: Stand, backfill: Backfill) -> int:
    return backfill.limit - len(_open_runs(stand, backfill))


def _open_runs(stand: Stand, backfill: Backfill) -> list[Run]:
    return [run for run in stand.runs if run.is_open and run.backfill == backfill.backfill_id]
