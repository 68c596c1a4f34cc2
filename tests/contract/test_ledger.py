"""The ledger: what people did and decided, on every make of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.ledger import DynamoLedger
from workerless.errors import CursorRefusedError, OperationNotFoundError, WorkerlessError
from workerless.ledger import (
    Canary,
    Counts,
    Decision,
    Entry,
    Judgement,
    Kind,
    Ledger,
    Operation,
    Phase,
    Stand,
    Taken,
)
from workerless.search import Search
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.memory import FakeClock, InMemoryLedger

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", *CLOUDS])
def ledger(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> Ledger:
    if request.param == "memory":
        return InMemoryLedger()
    client = clouds(request.param).dynamodb
    return DynamoLedger(client, create_table(client), clock)


def an_operation(name: str = "1", **changes: Any) -> Operation:
    operation = Operation(
        operation_id=f"operation-{name}",
        kind=Kind.RETRY,
        search=Search(job_type="send_email", states=frozenset({State.FAILED}), keys={"a": "b"}),
        by="ada",
        created_at=START,
        updated_at=START,
    )
    return replace(operation, **changes)


def an_entry(name: str, **changes: Any) -> Entry:
    entry = Entry(entry_id=name, at=START, by="ada", verb="retry", on="job 1")
    return replace(entry, **changes)


def a_decision(fingerprint: str, **changes: Any) -> Decision:
    decision = Decision(
        job_type="send_email",
        fingerprint=fingerprint,
        judgement=Judgement.RESOLVED,
        by="ada",
        at=START,
    )
    return replace(decision, **changes)


def test_operation_comes_back_as_it_was_kept(ledger: Ledger) -> None:
    full = an_operation(
        why="fixed",
        rate=2.5,
        canary=Canary(stages=(1, 5), max_failure_ratio=0.25),
        phase=Phase.WATCH,
        counts=Counts(total=9, at_least=True, done=3, skipped=2, failed=1, letters=4),
        cursor="here",
        in_hand=(Taken(job_id="job-1", generation=1),),
        watched=(Taken(job_id="job-2", generation=3),),
        verdicts=(True, False),
        paid_until=START + SECOND,
        problems={"job-3": "gone"},
    )

    ledger.open(full)

    assert ledger.operation("operation-1") == full


def test_operation_that_is_there_is_not_opened_again(ledger: Ledger) -> None:
    ledger.open(an_operation())
    ledger.save(an_operation(why="first"))

    ledger.open(an_operation(why="second"))

    assert ledger.operation("operation-1").why == "first"


@pytest.mark.parametrize("operation_id", ["operation-2", "a" * 2_000, "x\ud800"])
def test_operation_that_never_was_is_not_found(ledger: Ledger, operation_id: str) -> None:
    ledger.open(an_operation())

    with pytest.raises(OperationNotFoundError):
        ledger.operation(operation_id)


def test_who_read_an_older_version_changes_nothing(ledger: Ledger) -> None:
    ledger.open(an_operation())
    read = ledger.operation("operation-1")

    first = ledger.save(replace(read, why="first"))
    second = ledger.save(replace(read, why="second"))

    assert (first, second) == (True, False)
    assert ledger.operation("operation-1") == replace(read, why="first", version=2)


def test_the_same_change_again_is_no_conflict(ledger: Ledger) -> None:
    """Its answer was lost, and the call was made once more."""
    ledger.open(an_operation())

    assert [ledger.save(an_operation(why="it")) for _ in range(2)] == [True, True]


def test_only_what_runs_and_was_woken_is_running(ledger: Ledger) -> None:
    for name in "123":
        ledger.open(an_operation(name))
    ledger.wake(an_operation("3"))
    ledger.wake(an_operation("1"))

    before = [one.operation_id for one in ledger.running()]
    ledger.save(an_operation("1", stand=Stand.ABORTED))
    after = [one.operation_id for one in ledger.running()]

    assert (before, after) == (["operation-1", "operation-3"], ["operation-3"])


def test_who_fell_asleep_runs_again_once_woken(ledger: Ledger) -> None:
    ledger.open(an_operation(stand=Stand.ABORTED))
    ledger.wake(an_operation())
    asleep = ledger.running()
    aborted = ledger.operation("operation-1")
    ledger.save(replace(aborted, stand=Stand.RUNNING))

    ledger.wake(ledger.operation("operation-1"))

    assert asleep == []
    assert [one.version for one in ledger.running()] == [2]


def test_operations_come_newest_first_in_pages(ledger: Ledger) -> None:
    for name in "31542":
        ledger.open(an_operation(name))

    first = ledger.operations(limit=2)
    second = ledger.operations(limit=3, cursor=first.cursor)

    assert [one.operation_id[-1] for one in (*first.items, *second.items)] == list("54321")
    assert (first.cursor is None, second.cursor is None) == (False, True)


def test_entry_is_completed_in_its_place(ledger: Ledger) -> None:
    ledger.note(an_entry("1"))
    ledger.note(an_entry("2"))

    ledger.note(an_entry("1", outcome="done", number=7))

    found = ledger.entries().items
    assert [(one.entry_id, one.outcome, one.number) for one in found] == [
        ("2", None, None),
        ("1", "done", 7),
    ]


def test_entries_come_newest_first_in_pages(ledger: Ledger) -> None:
    for name in "213":
        ledger.note(an_entry(name))

    first = ledger.entries(limit=2)
    second = ledger.entries(limit=2, cursor=first.cursor)

    assert [one.entry_id for one in (*first.items, *second.items)] == ["3", "2", "1"]


def test_last_word_on_a_group_stands(ledger: Ledger) -> None:
    ledger.decide(a_decision("f1"))
    ledger.decide(a_decision("f2", job_type="other"))
    last = a_decision("f1", judgement=Judgement.IGNORED, at=START + SECOND, why="noise")

    ledger.decide(last)

    assert ledger.decisions("send_email") == {"f1": last}


@pytest.mark.parametrize("cursor", ["", "x\ud800", "a b", "a" * 2_000])
def test_cursor_that_no_sheet_had_is_refused(ledger: Ledger, cursor: str) -> None:
    with pytest.raises(CursorRefusedError):
        ledger.operations(cursor=cursor)
    with pytest.raises(CursorRefusedError):
        ledger.entries(cursor=cursor)


@pytest.mark.parametrize("limit", [-1, 0, 201])
def test_limit_is_one_to_two_hundred(ledger: Ledger, limit: int) -> None:
    with pytest.raises(WorkerlessError, match="between 1 and 200"):
        ledger.entries(limit=limit)
