"""From lines of a file to its rows, each with the byte at which the next one begins. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from functions.save_records.job import Customer
from workerless import Fail
from workerless.misfit import first_misfit

# A row of more lines than this has a quote that was never closed: all that follows would be in it.
_MOST_LINES = 20
_BOM = "\ufeff"
_COLUMNS = frozenset(Customer.model_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why row ``row`` was rejected; nothing that stands in it."""

    row: int
    column: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Row ``number``, from 1; the next one begins at byte ``end``.

    ``customer`` is None of one that is blank, or has ``problems``.
    """

    number: int
    end: int
    customer: Customer | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Lines:
    """Lines as text, and how much of them was taken. What is no UTF-8 becomes lone surrogates."""

    lines: Iterable[bytes]
    offset: int
    taken: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.offset += len(line)
            self.taken += 1
            yield line.decode("utf-8", "surrogateescape")


def header(lines: Iterable[bytes], separator: str) -> tuple[Sequence[str], int]:
    """The names of the columns, and where the first row begins.

    Raises ``Fail`` where one of a ``Customer``'s is missing, or there twice.
    """
    counted = _Lines(lines, 0)
    try:
        names = next(csv.reader(counted, delimiter=separator, strict=True), [])
    except csv.Error as error:
        raise Fail(f"the first row must name the columns, and cannot be read: {error}") from error
    columns = [name.removeprefix(_BOM).strip().lower() for name in names]
    for column in sorted(_COLUMNS):
        if columns.count(column) != 1:
            raise Fail(
                f"the first row must name each of {', '.join(sorted(_COLUMNS))} once, got "
                f"{columns.count(column)} columns {column!r}"
            )
    return columns, counted.offset


def rows(
    lines: Iterable[bytes], columns: Sequence[str], separator: str, *, offset: int, before: int
) -> Iterator[Row]:
    """The rows in ``lines``, which begin at ``offset`` with the one after row ``before``.

    Raises ``Fail`` for a quote that is never closed.
    """
    counted = _Lines(lines, offset)
    reader = csv.reader(counted, delimiter=separator, strict=True)
    number = before
    while True:
        number, taken, problem = number + 1, counted.taken, ""
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            values, problem = [], "cannot be read as CSV"
        if counted.taken - taken > _MOST_LINES:
            raise Fail(f"row {number} must end within {_MOST_LINES} lines: a quote is not closed")
        if problem:
            yield Row(number=number, end=counted.offset, problems=(_problem(number, "", problem),))
        else:
            yield _row(number, counted.offset, columns, values)


def _row(number: int, end: int, columns: Sequence[str], values: Sequence[str]) -> Row:
    if not any(values):
        return Row(number=number, end=end)
    if len(values) != len(columns):
        told = f"must have {len(columns)} values, has {len(values)}"
        return Row(number=number, end=end, problems=(_problem(number, "", told),))
    known = {
        column: value for column, value in zip(columns, values, strict=True) if column in _COLUMNS
    }
    if not all(value.isprintable() for value in known.values()):
        return Row(number=number, end=end, problems=tuple(_unprintable(number, known)))
    try:
        return Row(number=number, end=end, customer=Customer.model_validate(known))
    except ValidationError as error:
        misfits = [first_misfit(one) for one in error.errors(include_input=False)]
        problems = tuple(_problem(number, one.field, one.message) for one in misfits)
        return Row(number=number, end=end, problems=problems)


def _unprintable(number: int, known: dict[str, str]) -> Iterator[Problem]:
    for column, value in known.items():
        if not value.isprintable():
            yield _problem(number, column, "must be printable text in UTF-8")


def _problem(row: int, column: str, problem: str) -> Problem:
    return Problem(row=row, column=column, problem=problem)
