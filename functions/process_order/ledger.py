"""The shop's books: accounts with balances, and entries that say why they are what they are.

An entry has a name for good, like ``stock:order-7``. One job books it, and once that job has been
made good it never will again, however late it comes; another may. Doing either again, or making
good what was never done, moves nothing: whoever is not sure does it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from workerless import Fail

# What the id of a compensation's job has after that of the job that it makes good.
_UNDO = "-undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is in force under a name: by how much it moved each account, and which job did so.

    ``by`` is None, and ``moves`` empty, where nothing is. ``over`` are the jobs that have been made
    good; ``version`` counts how often the entry was written; 0: never.
    """

    name: str
    version: int = 0
    by: str | None = None
    moves: Mapping[str, int] = field(default_factory=dict)
    over: tuple[str, ...] = ()


class Ledger(Protocol):
    """Where entries and balances are kept. Whatever gets no answer raises."""

    def entry(self, name: str) -> Entry:
        """As it stands, never a moment behind."""
        ...

    def balance(self, account: str) -> int:
        """What is in it; 0 if nobody has opened it."""
        ...

    def write(self, entry: Entry, changes: Mapping[str, int]) -> bool:
        """Put ``entry`` in the place of the version before it and change the balances, or nothing.

        False, and nothing, where that version is not there any more, a balance would fall below 0,
        or somebody else is at one of them this very moment.
        """
        ...


class LedgerBusyError(Exception):
    """Somebody else was faster; nothing was written. Another attempt sees what they did."""


def book(ledger: Ledger, name: str, moves: Mapping[str, int], *, by: str) -> None:
    """Have ``moves`` in force under ``name``; ``by`` is the id of the job that wants it.

    Raises ``Fail`` where that job has been made good, an account has not enough, or something else
    is in force; and ``LedgerBusyError``.
    """
    seen = ledger.entry(name)
    if by in seen.over:
        raise Fail(f"job {by} has been made good, and books {name} no more; retry its workflow")
    if seen.by == by and seen.moves == moves:
        return
    if seen.by is not None:
        raise Fail(f"entry {name} must be free, got one that job {seen.by} has booked")
    for account, amount in sorted(moves.items()):
        if amount < 0 and (has := ledger.balance(account)) < -amount:
            raise Fail(f"account {account} must have {-amount}, got {has}")
    _write(ledger, replace(seen, version=seen.version + 1, by=by, moves=moves), moves)


def undo(ledger: Ledger, name: str, *, by: str) -> None:
    """Have nothing in force under ``name`` that the job was for which ``by`` compensates, for good.

    Where it booked nothing, or another job did, it is only written that this one is over. Raises
    ``LedgerBusyError``.
    """
    job_id = by.removesuffix(_UNDO)
    seen = ledger.entry(name)
    if job_id in seen.over:
        return
    left = replace(seen, version=seen.version + 1, over=(*seen.over, job_id))
    if seen.by != job_id:
        _write(ledger, left, {})
        return
    back = {account: -amount for account, amount in seen.moves.items()}
    _write(ledger, replace(left, by=None, moves={}), back)


def _write(ledger: Ledger, entry: Entry, changes: Mapping[str, int]) -> None:
    # No second try here: the next attempt is one of a worker that still has the job.
    if not ledger.write(entry, changes):
        raise LedgerBusyError(f"entry {entry.name} or its accounts changed meanwhile; try again")
