"""The sweeper's dead-letter duties with one thing wrong."""

from collections.abc import Callable
from typing import Any

from tests.simulation.mutant import Mutant
from workerless.errors import BlobsUnavailableError
from workerless.execution import filing, letter_step, letter_sweep
from workerless.execution.archive import archive
from workerless.execution.letter import (
    Drop,
    Explain,
    Fate,
    File,
    Keep,
    Letter,
    Return,
    judge_letter,
)
from workerless.record import Record
from workerless.states import State

_carry_out = letter_sweep._carry_out  # noqa: SLF001 -- mutants reach where nobody else may


def _judging(change: Callable[[Fate, Record | None], Fate]) -> Callable[..., Fate]:
    def judge(letter: Letter, record: Record | None, now: Any) -> Fate:
        return change(judge_letter(letter, record, now), record)

    return judge


def _never_return(fate: Fate, record: Record | None) -> Fate:
    return Keep() if isinstance(fate, Return) else fate


def _drop_what_never_started(fate: Fate, record: Record | None) -> Fate:
    return Drop() if isinstance(fate, Return) else fate


def _drop_the_failed(fate: Fate, record: Record | None) -> Fate:
    is_failed = record is not None and record.state is State.FAILED
    return Drop() if is_failed and isinstance(fate, Keep | Explain) else fate


def _never_explain(fate: Fate, record: Record | None) -> Fate:
    return Keep() if isinstance(fate, Explain) else fate


def _never_drop(fate: Fate, record: Record | None) -> Fate:
    return Keep() if isinstance(fate, Drop) else fate


def _never_file(fate: Fate, record: Record | None) -> Fate:
    return Keep() if isinstance(fate, File) else fate


def _always(*_: Any) -> bool:
    return True


def _delete_first(steps: Any, address: Any, sweeper: Any) -> Any:
    receipts = [one.letter.arrival.receipt for one in steps]
    sweeper.queue.delete_many(address.dead_letters, receipts)
    return _carry_out(steps, address, sweeper)


def _archive_or_not(*args: Any) -> None:
    try:
        archive(*args)
    except BlobsUnavailableError:
        return


LETTER_MUTANTS = (
    Mutant(
        fault="never returns what never started",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_never_return),
    ),
    Mutant(
        fault="drops what never started",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_drop_what_never_started),
    ),
    Mutant(
        fault="drops letters of failed jobs",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_drop_the_failed),
    ),
    Mutant(
        fault="leaves letters without a reason",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_never_explain),
    ),
    Mutant(
        fault="keeps letters of jobs that have ended well",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_never_drop),
    ),
    Mutant(
        fault="deletes a letter before it sends its successor",
        owner=letter_sweep,
        name="_carry_out",
        by=_delete_first,
    ),
    Mutant(
        fault="never files what has no record",
        owner=letter_sweep,
        name="judge_letter",
        by=_judging(_never_file),
    ),
    Mutant(
        fault="deletes a letter without asking whether it was filed",
        owner=filing,
        name="_is_filed",
        by=_always,
    ),
    Mutant(
        fault="deletes what it could not archive",
        owner=letter_step,
        name="archive",
        by=_archive_or_not,
    ),
)
