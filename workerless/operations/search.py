"""Searches over all job types and states, in pages whose cursors a caller may hold.

A store answers for one job type and one way of finding at a time; these are asked one after the
other: by type, jobs that wait or run first, then those that rest, state by state.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from workerless.cursor import opened, seal
from workerless.operator_ports import SearchStore
from workerless.ports import Directory
from workerless.search import (
    MAX_LIMIT,
    Count,
    Hits,
    Listed,
    Search,
    canonical,
    check_limit,
)
from workerless.states import State

# Each costs eight calls, even where nothing is: no page shall take minutes.
_MOST_LEGS = 24
_MOVING = frozenset(state for state in State if not state.is_resting)
_RESTING = (State.FAILED, State.HELD, State.DISCARDED, State.CANCELLED, State.COMPLETED)
_WAYS: tuple[frozenset[State], ...] = (_MOVING, *(frozenset({state}) for state in _RESTING))

# A job type, and which of the ways to find jobs of it.
type Leg = tuple[str, int]


class Finder:
    """Searches in one stage."""

    def __init__(self, store: SearchStore, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def find(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        """Jobs that are meant: within a type and state by their last change, the newest first.

        With search keys by when they were enqueued. ``limit`` is 1 to 1,000. With ``cursor`` the
        times are those of its search, whatever ``search`` says: an hour ago is later by now. Raises
        ``UnknownJobTypeError``, ``CursorRefusedError``, and ``WorkerlessError`` for a limit.
        """
        check_limit(limit)
        of = canonical(replace(search, since=None, until=None))
        start, inner = ("", 0), None
        if cursor is not None:
            start, inner, search = self._opened(cursor, search, of)
        found: list[Listed] = []
        left = [leg for leg in self._legs(search) if leg >= start]
        for number, leg in enumerate(left):
            if len(found) == limit or number == _MOST_LEGS:
                return Hits(rows=tuple(found), cursor=self._sealed(leg, None, search, of))
            at = inner if leg == start else None
            hits = self._store.search(_narrow(search, leg), limit=limit - len(found), cursor=at)
            found += hits.rows
            if hits.cursor is not None:
                return Hits(rows=tuple(found), cursor=self._sealed(leg, hits.cursor, search, of))
        return Hits(rows=tuple(found), cursor=None)

    def each(self, search: Search) -> Iterator[Listed]:
        """Every job that is meant, in the order of ``find``, read as asked for."""
        for leg in self._legs(search):
            cursor = None
            while True:
                hits = self._store.search(_narrow(search, leg), limit=MAX_LIMIT, cursor=cursor)
                yield from hits.rows
                cursor = hits.cursor
                if cursor is None:
                    break

    def count(self, search: Search, *, at_most: int) -> Count:
        """How many jobs are meant, counted up to ``at_most``."""
        number = 0
        for _ in self.each(search):
            if number == at_most:
                return Count(number=number, at_least=True)
            number += 1
        return Count(number=number)

    def _legs(self, search: Search) -> list[Leg]:
        """What to ask, in order: a type that came or went since the last page moves no other."""
        if search.job_type is not None:
            names = [self._directory.find(search.job_type).job_type]
        else:
            names = sorted(address.job_type for address in self._directory.all())
        ways = [
            way for way, states in enumerate(_WAYS) if not search.states or search.states & states
        ]
        return [(name, way) for name in names for way in ([0] if search.keys else ways)]

    @cached_property
    def _secret(self) -> bytes:
        return self._store.secret()

    def _sealed(self, leg: Leg, inner: str | None, search: Search, of: str) -> str:
        times = [one and one.isoformat() for one in (search.since, search.until)]
        return seal(json.dumps([*leg, inner, *times]), of=of, secret=self._secret)

    def _opened(self, cursor: str, search: Search, of: str) -> tuple[Leg, str | None, Search]:
        """Where to go on, and the search at the times of its first page."""
        name, way, inner, *times = json.loads(opened(cursor, of=of, secret=self._secret))
        since, until = [one and datetime.fromisoformat(one) for one in times]
        return (name, way), inner, replace(search, since=since, until=until)


def _narrow(search: Search, leg: Leg) -> Search:
    name, way = leg
    states = search.states if search.keys else search.states & _WAYS[way] or _WAYS[way]
    return replace(search, job_type=name, states=states)
