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
A line whose jobs do not come (they were cancelled) counts for nothing: once no slot was taken for
five seconds, and for as long as one point lasts, the next job starts the line anew.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from workerless.frozen import frozen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
# Of the window: what starts may be off their slots, all told; and of that, by being late.
_TOLERANCE = 20
_LATE_FIFTHS = 3
# How long a job may wait for its slot in the function: a new one, and one that came back for it. A
# new one of a key waits there for hardly anything: the jobs of a busy key would else sleep in every
# invocation there is, one behind the other, and those of all other keys would wait for them.
_NEW_WAIT_US = _SECOND_US
_NEW_KEYED_WAIT_US = 10_000
_BACK_WAIT_US = 2 * _SECOND_US
_QUIET_US = 5 * _SECOND_US
# One item of DynamoDB takes 1,000 writes a second, and a start may need two.
_MOST_A_SECOND = 500


@frozen
class Pace:
    """A limiter's figures: microseconds a point, and how late a start may be after its slot.

    ``new_wait_us`` is how long a new job may wait for its slot in the function.
    """

    limit: int
    burst: int
    interval_us: int
    late_us: int
    new_wait_us: int = _NEW_WAIT_US


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
    return Pace(
        limit=limit,
        burst=burst,
        interval_us=max(round(exact / factor), exact),
        late_us=tolerance * _LATE_FIFTHS // 5,
        new_wait_us=_NEW_KEYED_WAIT_US if is_keyed else _NEW_WAIT_US,
    )


def in_jobs(limit: int, burst: int, points: int) -> tuple[int, int]:
    """Limit and burst in jobs, where each costs the same: so nothing is lost to fractions."""
    return limit // points, max(burst // points, 1)


def shards_of(limit: int, per: timedelta) -> int:
    """Among how many limiters a limit is split: none starts more than 500 a second."""
    return max(-(-limit * _SECOND_US // (_MOST_A_SECOND * (per // _MICROSECOND))), 1)


def share(whole: int, shard: int, shards: int) -> int:
    """One shard's part of ``whole``: all parts together are exactly that."""
    return whole // shards + (shard < whole % shards)


@frozen
class Stand:
    """The two moments of a limiter."""

    taken: int
    line: int


class Step(Enum):
    """What a job does with them."""

    BEGIN = auto()  # take a slot where none is taken; the line, if any, is gone
    FOLLOW = auto()  # take the next slot, nobody waits outside
    RETURN = auto()  # come back, take a slot where none is taken
    RETURN_AFTER = auto()  # come back, take the next slot
    QUEUE = auto()  # the last place of the line
    QUEUE_FIRST = auto()  # the first place, after all slots that are taken


@frozen
class Ask:
    """A job that asks for its start: what it costs, and what it may do.

    ``now`` is when it could start at the earliest. A slot begins ``reach`` before the end of what
    it costs. ``floor``: slots that end by then are past. ``quiet``: the line counts for nothing if
    no slot ends later. ``horizon``: slots after this one are too far ahead.
    """

    now: int
    cost: int
    reach: int
    floor: int
    quiet: int
    horizon: int
    is_back: bool


def asking(pace: Pace, points: int, now: int, *, is_back: bool) -> Ask:
    """``is_back``: the job has waited outside, and its time has come."""
    interval, extra = pace.interval_us, max(points - pace.burst, 0)
    cost, reach = (points + extra) * interval, max(points, pace.burst) * interval
    floor = now - extra * interval
    wait = _BACK_WAIT_US if is_back else pace.new_wait_us
    return Ask(
        now=now,
        cost=cost,
        reach=reach,
        floor=floor,
        quiet=min(floor, now - max(_QUIET_US, interval)),
        horizon=now + wait + reach - cost,
        is_back=is_back,
    )


def step_of(stand: Stand | None, ask: Ask) -> Step:
    """What the job does where this is how the limiter stands."""
    if stand is None:
        return Step.RETURN if ask.is_back else Step.BEGIN
    taken, line = stand.taken, stand.line
    if ask.is_back and taken <= ask.horizon:
        return Step.RETURN if taken <= ask.floor else Step.RETURN_AFTER
    if not ask.is_back:
        if taken <= ask.quiet or max(taken, line) <= ask.floor:
            return Step.BEGIN
        if line <= taken <= ask.horizon:
            return Step.FOLLOW
    return Step.QUEUE if line > taken else Step.QUEUE_FIRST


def may(stand: Stand | None, step: Step, ask: Ask) -> bool:
    """Whether ``step`` keeps the law from here: what a store makes its write depend on.

    It need not be what ``step_of`` says by now: whoever was quicker has changed little.
    """
    if stand is None:
        return step in (Step.BEGIN, Step.RETURN)
    taken, line = stand.taken, stand.line
    is_past, is_near = taken <= ask.floor, ask.floor < taken <= ask.horizon
    allowed = {
        Step.BEGIN: taken <= ask.quiet or (is_past and line <= ask.floor),
        Step.FOLLOW: is_near and line <= taken,
        Step.RETURN: is_past,
        Step.RETURN_AFTER: is_near,
        Step.QUEUE: line > taken > ask.quiet,
        Step.QUEUE_FIRST: taken > ask.horizon and line <= taken,
    }
    return allowed[step]


def stepped(stand: Stand | None, step: Step, ask: Ask) -> Stand:
    """How the limiter stands after ``step``."""
    anew = ask.floor + ask.cost
    if stand is None:
        return Stand(taken=anew, line=anew)
    taken, line, cost = stand.taken, stand.line, ask.cost
    after = {
        Step.BEGIN: (anew, anew),
        Step.FOLLOW: (taken + cost, taken + cost),
        Step.RETURN: (anew, line),
        Step.RETURN_AFTER: (taken + cost, line),
        Step.QUEUE: (taken, line + cost),
        Step.QUEUE_FIRST: (taken, taken + cost),
    }
    taken, line = after[step]
    return Stand(taken=taken, line=line)


def is_place(step: Step) -> bool:
    """Whether it gives a place in the line instead of a slot."""
    return step in (Step.QUEUE, Step.QUEUE_FIRST)


def moment_of(after: Stand, step: Step, ask: Ask) -> int:
    """When the job starts, or comes back if it has a place, once the limiter stands like this."""
    end = after.line if is_place(step) else after.taken
    return max(ask.now, end - ask.reach)


def microseconds(at: datetime) -> int:
    """Since the epoch, rounded down."""
    return (at - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    """What ``microseconds`` came from."""
    return _EPOCH + us * _MICROSECOND
