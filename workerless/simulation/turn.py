"""The concurrency key of a simulation: the rules of ``flow.permits``, a line for each value."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from workerless.flow.concurrency import OnConflict, rule_of
from workerless.flow.permits import Holder, Permits, Waiter, free_without, handed_over, taken
from workerless.job_type import JobType
from workerless.simulation.load import MICROSECOND

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A job that wants one: its number, the number of its key's value, and when it joined."""

    number: int
    key: int
    since: int


@dataclass(slots=True, kw_only=True)
class Turns:
    """The permits of every value of one key. An attempt's lease is ``lease`` long."""

    limit: int
    lease: timedelta
    is_keyed: bool
    on_conflict: OnConflict
    most: int = 0
    waiting: int = 0
    permits: defaultdict[int, Permits] = field(default_factory=lambda: defaultdict(Permits))
    lines: defaultdict[int, deque[Turn]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, turn: Turn, now: int) -> bool:
        """Whether the job has its turn now, its own or a free one."""
        key = self._key(turn)
        holder = Holder(job_id=str(turn.number), token="", until=_at(now) + self.lease)
        after = taken(self.permits[key], holder, limit=self.limit, now=_at(now))
        if after is None:
            return False
        self.permits[key] = after
        self.most = max(self.most, len(after.holders))
        return True

    def join(self, turn: Turn) -> tuple[Turn, ...]:
        """Stand in the line; who is cancelled for it, which takes a policy that replaces."""
        line = self.lines[self._key(turn)]
        replaced = () if self.on_conflict is OnConflict.WAIT else tuple(line)
        if replaced:
            line.clear()
        line.append(turn)
        self.waiting += 1 - len(replaced)
        return replaced

    def hand_over(self, turn: Turn, now: int) -> Iterator[Turn]:
        """Give the permit back; who has it next, in the order of the line."""
        key = self._key(turn)
        before, line = self.permits[key], self.lines[key]
        free = free_without(before, str(turn.number), limit=self.limit, now=_at(now))
        following = [line.popleft() for _ in range(min(free, len(line)))]
        self.waiting -= len(following)
        leaver = Holder(job_id=str(turn.number), token="", until=_at(now))
        self.permits[key] = handed_over(
            before, leaver, [_waiter(one) for one in following], now=_at(now)
        )
        yield from following

    def _key(self, turn: Turn) -> int:
        return turn.key if self.is_keyed else 0


def turns_of(job_type: JobType[Any, Any]) -> Turns | None:
    """None where nothing bounds the jobs of a key."""
    declared = rule_of(job_type)
    if declared is None:
        return None
    return Turns(
        limit=declared.limit,
        lease=job_type.function_timeout,
        is_keyed=declared.key is not None,
        on_conflict=declared.on_conflict,
    )


def _waiter(turn: Turn) -> Waiter:
    since = _at(turn.since)
    return Waiter(job_id=str(turn.number), job_type="", queue="", since=since, asked_at=since)


def _at(microseconds: int) -> datetime:
    return _BEGIN + microseconds * MICROSECOND
