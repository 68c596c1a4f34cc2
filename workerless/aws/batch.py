"""Writes to many items, 25 a call: a fast way that may end anywhere, never the only one.

Whatever is not cleanly done is left to its caller, who has a call for one item that knows how to
judge. So nothing depends on PartiQL but the price: a request for 25 jobs instead of one for each.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from workerless.aws.statement import Statement
from workerless.aws.table import Answer, Table
from workerless.spread import Spread, in_turn

MAX_STATEMENTS = 25
_NOT_FOR_US = {"ValidationError", "AccessDenied"}


class Batches:
    """The batches of one process, until the service shows that it does not take ours.

    ``is_proven`` once an update answered with the item that was asked for: then no error means
    that it was carried out, and the proof need not be paid for again.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._is_spoken = True
        self.is_proven = False

    def write(self, statements: Sequence[Statement | None]) -> list[Answer | None]:
        """What became of each; None where nothing was tried.

        At most ``MAX_STATEMENTS``, no two of one item: DynamoDB refuses both of those. A single
        statement is not worth a batch. Raises ``StoreUnavailableError``.
        """
        asked = [one for one in statements if one is not None]
        if len(asked) <= 1 or not self._is_spoken:
            return [None] * len(statements)
        answers = self._table.execute(asked)
        self._is_spoken = answers is not None and not all(map(_is_useless, asked, answers))
        self.is_proven |= any(one.code is None and one.item is not None for one in answers or [])
        found = iter(answers or [])
        return [None if one is None else next(found, None) for one in statements]


def calls(keys: Sequence[str]) -> Iterator[list[int]]:
    """Positions for each call in turn: none with the same key twice, those of one key in order."""
    seen: Counter[str] = Counter()
    rounds: list[list[int]] = []
    for position, key in enumerate(keys):
        if seen[key] == len(rounds):
            rounds.append([])
        rounds[seen[key]].append(position)
        seen[key] += 1
    for one in rounds:
        for start in range(0, len(one), MAX_STATEMENTS):
            yield one[start : start + MAX_STATEMENTS]


def _is_useless(statement: Statement, answer: Answer) -> bool:
    """Refused for what it is, or without the item it asked for."""
    is_silent = statement.returns and answer.code is None and answer.item is None
    return is_silent or answer.code in _NOT_FOR_US


class OfJob(Protocol):
    """What is written about one job."""

    @property
    def job_id(self) -> str: ...


def each_of_job[E: OfJob, A](
    entries: Sequence[E], write: Callable[[Sequence[E]], Sequence[A]], spread: Spread = in_turn
) -> list[A]:
    """What became of each entry, in order. Those of one job are written in turn."""
    job_ids = [entry.job_id for entry in entries]
    asked = list(calls(job_ids))
    each = spread if len(set(job_ids)) == len(job_ids) else in_turn
    found = each(lambda positions: write([entries[one] for one in positions]), asked)
    answers = {
        position: answer
        for positions, some in zip(asked, found, strict=True)
        for position, answer in zip(positions, some, strict=True)
    }
    return [answers[position] for position in range(len(entries))]
