"""The audit: who does what is written before it is done, and what came of it after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from workerless.errors import WorkerlessError
from workerless.ledger import Entry, Ledger, Sheet
from workerless.ports import Clock

# What a caller tells may be anything; an entry is a line.
_MAX_TEXT = 500


class Signing(Protocol):
    """Who acts, when, and where it is noted. ``new_id`` gives ids that sort by time."""

    @property
    def ledger(self) -> Ledger: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def by(self) -> Callable[[], str]: ...

    @property
    def new_id(self) -> Callable[[], str]: ...


class AuditTrail:
    """One operator's view of it, and way into it."""

    def __init__(self, desk: Signing) -> None:
        self._desk = desk

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Entry]:
        """The newest first."""
        return self._desk.ledger.entries(limit=limit, cursor=cursor)

    @contextmanager
    def noted(self, verb: str, on: str, *, why: str | None) -> Iterator[str]:
        """Note what is done within, and how it ended; gives the entry's id.

        What dies within stays without an outcome.
        """
        entry = Entry(
            entry_id=self._desk.new_id(),
            at=self._desk.clock.now(),
            by=self._desk.by(),
            verb=verb,
            on=on[:_MAX_TEXT],
            why=why[:_MAX_TEXT] if why else None,
        )
        self._desk.ledger.note(entry)
        try:
            yield entry.entry_id
        except WorkerlessError as error:
            refusal = f"refused: {type(error).__name__}"
            self._desk.ledger.note(replace(entry, outcome=refusal, number=0))
            raise
        self._desk.ledger.note(replace(entry, outcome="done", number=1))
