"""The law of a rate limit: virtual scheduling with two moments. Pure; times are epoch microseconds.

*The law*: in any half-open window of length ``per`` the points that start are at most ``limit``,
whoever starts them, as long as each start lies within ``D`` of its slot, late calls and different
clocks together. ``D`` is 5 % of ``per``; three fifths of it are for being late, and one for clocks
that are fast, one for those that are slow.

*Why*: a job of ``p`` points takes ``p * T`` of a schedule whose end is ``taken``, and starts at
``taken - burst * T`` at the earliest. So the slots of ``P`` points span ``(P - burst) * T`` at
least, and those of the starts in a window less than ``per + D``; with
``T = (per + D) / (limit - burst + 1)`` that leaves ``P < limit + 1``. A job of more points than
``burst`` pays for the difference twice, once before and once after its start: the same holds.

*Two moments*: ``taken`` is the end of the slots given to jobs that start within a second or two and
wait for it in the function. ``line`` is the end of the places given to jobs that wait outside; a
place only says when to come back, and who does takes a slot, whatever the line says. New jobs take
slots while nobody waits outside, else places. So each job asks once or twice, however many wait.

*Gaps*: jobs of a line may not come, or not in time: they were cancelled, or the limit was raised.
A new job that finds slots unused all the same takes one and opens a gap, in which others pass the
line, too, until somebody comes back from it.

*Another limit* (people change it, dependencies slow it down) makes what lies ahead shorter or
longer in proportion: the first job that finds moments counted at another pace does that for all.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from workerless.frozen import frozen, replace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
# Of the window: what starts may be off their slots, all told; and of that, by being late.
_TOLERANCE = 20
_LATE_FIFTHS = 3
# How long a job may wait for its slot in the function: a new one, and one that came back for it.
# With a key it is little: the jobs of a busy key would else sleep in every invocation there is, and
# those of other keys wait for them.
_NEW_WAIT_US = _SECOND_US
_BACK_WAIT_US = 2 * _SECOND_US
_NEW_KEYED_WAIT_US = 10_000
_BACK_KEYED_WAIT_US = 400_000
# Jobs that looked together come back together, since waits are told in whole seconds: those of a
# second wait for each other. With places a tenth further apart than slots they become ever fewer.
_KEYED_LINE_TENTHS = 11
# Waits are told in whole seconds, rounded up, and messages take a moment: who is told to come back
# this early waits for its slot in the function, who came late would have left one unused. Again not
# where others would have to wait for it.
_EARLY_US = 800_000
# Who finds no slot when it comes back looks again, unless it is late by more than this, and by four
# points: then many are, and each takes another place, at the end of the line.
_PATIENCE_US = 4 * _SECOND_US
# How long slots are unused before a new job passes the line: those of slow limits are dear to who
# comes back a little late, those of fast ones are many. And how long others may after it.
_FAST_US = _SECOND_US // 10
_GRACE_US = 2 * _SECOND_US
_GAP_US = 5 * _SECOND_US


@frozen
class Pace:
    """A limiter's figures: microseconds a point, and how late a start may be after its slot.

    ``new_wait_us`` and ``back_wait_us`` are how long a new job, and one that came back, may wait
    for its slot in the function; ``early_us`` is how long before its time one comes back.
    ``line_tenths`` is how far apart places are, in tenths of what slots are.
    """

    limit: int
    burst: int
    interval_us: int
    late_us: int
    new_wait_us: int = _NEW_WAIT_US
    back_wait_us: int = _BACK_WAIT_US
    early_us: int = _EARLY_US
    line_tenths: int = 10


def pace_of(
    limit: int, per: timedelta, burst: int, factor: float = 1.0, *, is_keyed: bool = False
) -> Pace:
    """The pace that keeps ``limit`` points per ``per``; ``factor`` (0 to 1] slows it down.

    ``is_keyed``: other jobs of the queue are not of this limiter, and must not wait for its own.
    """
    per_us = per // _MICROSECOND
    tolerance = per_us // _TOLERANCE
    burst = min(burst, limit)
    exact = -(-(per_us + tolerance) // (limit - burst + 1))
    interval = max(round(exact / factor), exact)
    pace = Pace(
        limit=limit,
        burst=burst,
        interval_us=interval,
        late_us=tolerance * _LATE_FIFTHS // 5,
    )
    if not is_keyed:
        return pace
    return replace(
        pace,
        new_wait_us=_NEW_KEYED_WAIT_US,
        back_wait_us=_BACK_KEYED_WAIT_US,
        early_us=0,
        line_tenths=_KEYED_LINE_TENTHS,
    )


@frozen
class Stand:
    """The two moments of a limiter; until ``gap`` new jobs pass the line.

    ``interval`` is that of the pace at which they were counted.
    """

    taken: int
    line: int
    interval: int
    gap: int = 0


class Step(Enum):
    """What a job does with them."""

    BEGIN = auto()  # take a slot, none is taken and nobody waits
    FOLLOW = auto()  # take the next slot, nobody waits outside
    OPEN = auto()  # take a slot that nobody came back for, and open a gap
    PASS = auto()  # take the next slot in a gap
    RETURN = auto()  # come back, take a slot where none is taken
    RETURN_AFTER = auto()  # come back, take the next slot
    QUEUE = auto()  # the last place of the line
    QUEUE_FIRST = auto()  # the first place, after all slots that are taken
    REPACE = auto()  # count what lies ahead at another pace, then ask again


@frozen
class Ask:
    """A job that asks for its start: what it costs, and what it may do.

    ``now`` is when it could start at the earliest; ``own`` is its points' part of the schedule, and
    ``place`` that of the line. A
    slot begins ``reach`` before the end of what it costs. ``floor``: slots that end by then are
    past. ``near``: one that ended after this may be followed, its start being that little late.
    ``quiet``: nobody comes back if no slot ends later; ``gap`` is until when others may then pass.
    ``horizon``: slots after this one are too far ahead. ``over``: what starts now is in no window
    any more, so the limiter may be forgotten if nobody asks until then.
    """

    now: int
    own: int
    cost: int
    place: int
    reach: int
    near: int
    floor: int
    quiet: int
    gap: int
    horizon: int
    over: int
    is_back: bool
    interval: int
    seen: Stand | None


def asking(pace: Pace, points: int, now: int, *, is_back: bool, seen: Stand | None = None) -> Ask:
    """``is_back``: the job has waited outside, and its time has come."""
    interval, extra = pace.interval_us, max(points - pace.burst, 0)
    cost, reach = (points + extra) * interval, max(points, pace.burst) * interval
    floor = now - extra * interval
    wait = pace.back_wait_us if is_back else pace.new_wait_us
    return Ask(
        now=now,
        own=points * interval,
        cost=cost,
        place=cost * pace.line_tenths // 10,
        reach=reach,
        near=floor - pace.late_us // 2,
        floor=floor,
        quiet=floor if interval <= _FAST_US else floor - _GRACE_US,
        gap=now + _GAP_US + 2 * cost,
        horizon=now + wait + reach - cost,
        over=now + (pace.limit - pace.burst + 1) * interval,
        is_back=is_back,
        interval=interval,
        seen=seen,
    )


def step_of(stand: Stand | None, ask: Ask) -> Step:
    """What the job does where this is how the limiter stands."""
    if ask.seen is not None and is_of_another_pace(ask.seen.interval, ask.interval):
        return Step.REPACE
    order = _BACK if ask.is_back else _NEW
    return next(step for step in order if may(stand, step, ask))


def may(stand: Stand | None, step: Step, ask: Ask) -> bool:
    """Whether ``step`` keeps the law from here: what a store makes its write depend on."""
    if stand is None:
        return step in (Step.BEGIN, Step.RETURN)
    taken, line = stand.taken, stand.line
    is_past, is_near = taken <= ask.floor, ask.near < taken <= ask.horizon
    allowed = {
        Step.BEGIN: is_past and line <= ask.floor,
        Step.FOLLOW: is_near and line <= taken,
        Step.OPEN: taken <= ask.quiet or (is_past and stand.gap > ask.now),
        Step.PASS: is_near and stand.gap > ask.now,
        Step.RETURN: is_past,
        Step.RETURN_AFTER: is_near,
        Step.QUEUE: line > taken > ask.quiet,
        Step.QUEUE_FIRST: line <= taken,
        Step.REPACE: stand == ask.seen,
    }
    return allowed[step]


def is_of_another_pace(interval: int, now: int) -> bool:
    """By more than a fifth: a pace that recovers step by step is followed in strides."""
    return abs(interval - now) * 5 > now


# What is tried in turn; one is always allowed, as who finds no slot that is near finds one too far.
_NEW = (Step.FOLLOW, Step.BEGIN, Step.PASS, Step.OPEN, Step.QUEUE, Step.QUEUE_FIRST)
_BACK = (Step.RETURN_AFTER, Step.RETURN, Step.QUEUE, Step.QUEUE_FIRST)


def stepped(stand: Stand | None, step: Step, ask: Ask) -> Stand:
    """How the limiter stands after ``step``."""
    anew, cost = ask.floor + ask.cost, ask.cost
    if stand is None:
        return Stand(taken=anew, line=anew, interval=ask.interval)
    if step is Step.REPACE:
        return repaced(stand, ask)
    taken, line, gap = stand.taken, stand.line, stand.gap
    after = {
        Step.BEGIN: (anew, anew, gap),
        Step.FOLLOW: (taken + cost, taken + cost, gap),
        Step.OPEN: (anew, line, ask.gap),
        Step.PASS: (taken + cost, line, ask.gap),
        Step.RETURN: (anew, line, 0),
        Step.RETURN_AFTER: (taken + cost, line, 0),
        Step.QUEUE: (taken, line + ask.place, gap),
        Step.QUEUE_FIRST: (taken, taken + ask.place, gap),
    }
    taken, line, gap = after[step]
    return replace(stand, taken=taken, line=line, gap=gap)


def repaced(stand: Stand, ask: Ask) -> Stand:
    """The same slots and places at the pace of ``ask``."""
    taken, line = (
        at_pace(moment, ask.now, before=stand.interval, after=ask.interval)
        for moment in (stand.taken, stand.line)
    )
    return Stand(taken=taken, line=line, interval=ask.interval)


def at_pace(moment: int, now: int, *, before: int, after: int) -> int:
    """When that is, once what lies ahead of ``now`` goes by at another pace."""
    return moment if moment <= now else now + (moment - now) * after // before


def is_patient(due: int, ask: Ask) -> bool:
    """Whether a job that finds no slot keeps its place: it is early, or hardly late."""
    return ask.now - due <= _PATIENCE_US + 4 * ask.cost


def is_place(step: Step) -> bool:
    """Whether it gives a place in the line instead of a slot."""
    return step in (Step.QUEUE, Step.QUEUE_FIRST)


def moment_of(after: Stand, step: Step, ask: Ask) -> int:
    """The job's slot, or when it comes back if it has a place; the limiter stands at ``after``.

    A slot may be past by a little, which is part of what its start may be late.
    """
    if is_place(step):
        return max(ask.now, after.line - ask.reach)
    return max(after.taken - ask.reach, min(ask.now, after.taken - ask.own))


def microseconds(at: datetime) -> int:
    """Since the epoch, rounded down."""
    return (at - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    """What ``microseconds`` came from."""
    return _EPOCH + us * _MICROSECOND
