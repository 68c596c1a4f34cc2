"""Who may run under a concurrency key, and who is next: the rules of a leased semaphore. Pure.

A store keeps the permits of a key as one value with a version, and changes it only as it was seen.
A permit is leased: one that nobody gave back is over 10 s after its attempt must have ended, and
whoever asks next takes its place. Jobs that wait stand in a line by the time of their first look;
who gives a permit back hands it to the first of them, so that there is never room while some wait.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workerless.frozen import frozen, replace

# Clocks differ, and a process may be at its last words when its lease ends.
MARGIN = timedelta(seconds=10)
# How long a permit is kept for a job that is on its way: the longer the longer it has waited, or
# one whose queue has a line would always come too late.
_SHORTEST_GRACE, _LONGEST_GRACE = timedelta(minutes=1), timedelta(minutes=10)
# Many permits come free at once where many holders died, or a limit was raised. One write of a
# store holds so many; each of these hands on to as many more.
MOST_AT_ONCE = 20
_HANDED = "handed-"
_FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=30), timedelta(minutes=15)


@frozen
class Holder:
    """A job with a permit ``until`` then. ``token`` is the attempt's lease's.

    A permit that was handed over to a job on its way has one made of that of who handed it over.
    """

    job_id: str
    token: str
    until: datetime

    def is_over(self, now: datetime) -> bool:
        return now > self.until + MARGIN

    @property
    def is_on_its_way(self) -> bool:
        """Whether the job was handed its permit, and has not come yet."""
        return self.token.startswith(_HANDED)


@frozen
class Permits:
    """The permits of one key. ``is_awaited``: there may be a line. ``version`` counts changes."""

    holders: tuple[Holder, ...] = ()
    is_awaited: bool = False
    version: int = 0

    def of(self, job_id: str) -> Holder | None:
        return next((one for one in self.holders if one.job_id == job_id), None)

    def is_held(self, job_id: str, token: str) -> bool:
        """Whether the job has a permit under this very token."""
        holder = self.of(job_id)
        return holder is not None and holder.token == token


@frozen
class Waiter:
    """A job in the line ``since`` then, and the address of its queue.

    ``asked_at`` is when it last said that it waits.
    """

    job_id: str
    job_type: str
    queue: str
    since: datetime
    asked_at: datetime


def taken(permits: Permits, holder: Holder, *, limit: int, now: datetime) -> Permits | None:
    """The permits once ``holder`` has one, its job's own or a free one; None if none is free.

    A later attempt takes over its job's permit, never an earlier one that slept through its lease.
    """
    others = tuple(
        one for one in permits.holders if one.job_id != holder.job_id and not one.is_over(now)
    )
    own = permits.of(holder.job_id)
    if own is None:
        return _changed(permits, (*others, holder)) if len(others) < limit else None
    if own.until > holder.until and not own.is_on_its_way:
        return None
    return _changed(permits, (*others, holder))


def free_without(permits: Permits, job_id: str, *, limit: int, now: datetime) -> int:
    """How many permits there would be to hand out if this job gave its own back."""
    others = [one for one in permits.holders if one.job_id != job_id and not one.is_over(now)]
    return max(limit - len(others), 0)


def handed_over(
    permits: Permits, leaver: Holder, waiters: Sequence[Waiter] | None, *, now: datetime
) -> Permits:
    """The permits once ``leaver`` has gone and each of ``waiters``, who have none, has one.

    None for ``waiters`` tells that there is no line any more.
    """
    others = tuple(
        one for one in permits.holders if one.job_id != leaver.job_id and not one.is_over(now)
    )
    given = (on_its_way(one, now, by=leaver.token) for one in waiters or ())
    awaited = replace(permits, is_awaited=waiters is not None)
    return _changed(awaited, (*others, *given))


def on_its_way(waiter: Waiter, now: datetime, *, by: str) -> Holder:
    """The permit of a job that was woken; ``by`` is the token of who woke it."""
    return Holder(job_id=waiter.job_id, token=_HANDED + by, until=now + grace(waiter.since, now))


def was_handed_by(permits: Permits, leaver: Holder) -> bool:
    """Whether ``leaver`` has handed its permit over: the answer to its write may be lost."""
    return any(one.token == _HANDED + leaver.token for one in permits.holders)


def grace(since: datetime, now: datetime) -> timedelta:
    """How long a permit is kept for a job that waits ``since`` then, until it comes."""
    return min(max(now - since, _SHORTEST_GRACE), _LONGEST_GRACE)


def look_after(permits: Permits, since: datetime, now: datetime) -> timedelta:
    """When a job in the line looks by itself again, should nobody hand it a permit.

    First when a permit could be over, then ever less often: 30 s to 15 min from now.
    """
    ends = min((one.until + MARGIN - now for one in permits.holders), default=_FIRST_LOOK)
    return min(max(ends, now - since, _FIRST_LOOK), LONGEST_LOOK)


def _changed(permits: Permits, holders: tuple[Holder, ...]) -> Permits:
    return replace(permits, holders=holders, version=permits.version + 1)
