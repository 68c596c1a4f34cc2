"""The shop's books: accounts with balances, and entries that say why they are what they are.

An entry has a name for good, like ``stock:order-7``. What it moved is in force until it is undone;
then the same name may move again. Booking what is booked and undoing what is undone, or was never
done, moves nothing: whoever is not sure does it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from workerless import Fail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is in force under a name: by how much it moved each account; empty once undone.

    ``version`` counts how often it was written; 0: never.
    """

    name: str
    version: int = 0
    moves: Mapping[str, int] = field(default_factory=dict)


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


def book(ledger: Ledger, name: str, moves: Mapping[str, int]) -> None:
    """Have ``moves`` in force under ``name``.

    Raises ``Fail`` where an account has not enough, or other moves are in force; and
    ``LedgerBusyError``.
    """
    seen = ledger.entry(name)
    if seen.moves == moves:
        return
    if seen.moves:
        raise Fail(f"entry {name} must be undone before it is booked otherwise")
    for account, amount in sorted(moves.items()):
        if amount < 0 and ledger.balance(account) < -amount:
            raise Fail(f"account {account} must have {-amount}, got {ledger.balance(account)}")
    _write(ledger, Entry(name=name, version=seen.version + 1, moves=moves), moves)


def undo(ledger: Ledger, name: str) -> None:
    """Have nothing in force under ``name``. Raises ``LedgerBusyError``.

    Where nothing was ever booked it still says so: whoever read the entry before, and is slow to
    write, is too late from now on.
    """
    seen = ledger.entry(name)
    if seen.version and not seen.moves:
        return
    back = {account: -amount for account, amount in seen.moves.items()}
    _write(ledger, Entry(name=name, version=seen.version + 1), back)


def _write(ledger: Ledger, entry: Entry, changes: Mapping[str, int]) -> None:
    # No second try here: a worker that has lost its job meanwhile must not look again and go on.
    if not ledger.write(entry, changes):
        raise LedgerBusyError(f"entry {entry.name} or its accounts changed meanwhile; try again")
