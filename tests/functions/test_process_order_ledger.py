"""The shop's books: one suite for those in memory and those in a table of moto's; the handlers."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from functions.process_order.ledger import Entry, Ledger, LedgerBusyError, book, undo
from functions.process_order.table import aws_clients, ledger_of
from tests.contract.conftest import create_table
from tests.functions.ordering import InMemoryLedger, Shop, books, opening, sale
from workerless import Fail
from workerless.states import State
from workerless.testing.stage import InMemoryStage

EVENTS = Path(__file__).parents[2] / "events"
TABLE = "workerless-test"


@pytest.fixture
def in_table(aws: None) -> Iterator[Ledger]:
    aws_clients.cache_clear()
    create_table(aws_clients().dynamodb, TABLE)
    yield ledger_of(TABLE)
    aws_clients().dynamodb.close()
    aws_clients.cache_clear()


@pytest.fixture(params=["memory", "table"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return InMemoryLedger()
    found: Ledger = request.getfixturevalue("in_table")
    return found


def test_what_nobody_wrote_is_empty(ledger: Ledger) -> None:
    assert ledger.entry("stock:7") == Entry(name="stock:7")
    assert ledger.balance("stock:tea") == 0


def test_what_is_booked_again_moves_once_and_goes_back_once(ledger: Ledger) -> None:
    book(ledger, "opening", {"stock:tea": 5, "stock:cup": 1}, by="opening")
    for _ in range(2):
        book(ledger, "stock:7", {"stock:tea": -2, "stock:cup": -1}, by="1")
    assert (ledger.balance("stock:tea"), ledger.balance("stock:cup")) == (3, 0)

    for _ in range(2):
        undo(ledger, "stock:7", by="1-undo")

    assert (ledger.balance("stock:tea"), ledger.balance("stock:cup")) == (5, 1)
    book(ledger, "stock:7", {"stock:cup": -1}, by="2")
    assert ledger.entry("stock:7") == Entry(
        name="stock:7", version=3, by="2", moves={"stock:cup": -1}, over=("1",)
    )


def test_job_that_was_made_good_books_no_more(ledger: Ledger) -> None:
    book(ledger, "opening", {"stock:tea": 5}, by="opening")
    undo(ledger, "stock:7", by="1-undo")

    with pytest.raises(Fail, match="job 1 has been made good, and books stock:7 no more"):
        book(ledger, "stock:7", {"stock:tea": -2}, by="1")

    assert ledger.balance("stock:tea") == 5


@pytest.mark.parametrize(("moves", "by"), [({"stock:tea": 5}, "2"), ({"stock:tea": 6}, "opening")])
def test_what_is_booked_is_nobody_elses(moves: dict[str, int], by: str, ledger: Ledger) -> None:
    book(ledger, "opening", {"stock:tea": 5}, by="opening")

    with pytest.raises(Fail, match="must be free, got one that job opening has booked"):
        book(ledger, "opening", moves, by=by)
    undo(ledger, "opening", by="2-undo")

    assert ledger.balance("stock:tea") == 5


def test_account_that_has_not_enough_keeps_all_others_as_they_are(ledger: Ledger) -> None:
    book(ledger, "opening", {"stock:tea": 5, "stock:cup": 1}, by="opening")

    with pytest.raises(Fail, match="account stock:cup must have 2, got 1"):
        book(ledger, "stock:7", {"stock:tea": -1, "stock:cup": -2}, by="1")

    assert ledger.balance("stock:tea") == 5
    assert ledger.entry("stock:7").version == 0


@pytest.mark.parametrize(
    ("entry", "changes"),
    [
        (Entry(name="opening", version=1, moves={"a": 9}), {"a": 9}),
        (Entry(name="opening", version=3, moves={"a": 9}), {"a": 9}),
        (Entry(name="new", version=2, moves={"a": 9}), {"a": 9}),
        (Entry(name="new", version=1, moves={"a": -6}), {"a": -6}),
        (Entry(name="new", version=1, moves={"b": -1, "a": 1}), {"b": -1, "a": 1}),
    ],
)
def test_write_that_comes_too_late_writes_nothing(
    entry: Entry, changes: dict[str, int], ledger: Ledger
) -> None:
    book(ledger, "opening", {"a": 5}, by="opening")
    before = ledger.entry(entry.name)

    assert not ledger.write(entry, changes)

    assert ledger.entry(entry.name) == before
    assert (ledger.balance("a"), ledger.balance("b")) == (5, 0)


def test_undoing_what_was_never_done_only_says_so(ledger: Ledger) -> None:
    undo(ledger, "stock:7", by="1-undo")
    undo(ledger, "stock:7", by="1-undo")

    assert ledger.entry("stock:7") == Entry(name="stock:7", version=1, over=("1",))


def test_whoever_was_overtaken_is_told() -> None:
    ledger = InMemoryLedger()
    ledger.meanwhile = lambda: undo(ledger, "stock:7", by="1-undo")

    with pytest.raises(LedgerBusyError, match="entry stock:7"):
        undo(ledger, "stock:7", by="1-undo")


def test_order_in_a_table_is_whole_or_nothing(in_table: Ledger) -> None:
    shop = Shop(in_table)
    with shop.stage:
        shop.spoil("confirm_order", ("dies", "after"), ("fails", "after"))
        assert shop.order("1").wait().state == "failed"
        assert books(in_table) == {}
        shop.spoil("charge_payment", ("dies", "after"), ("trips", "after"))
        assert shop.order("2").wait().state == "completed"
        assert books(in_table) == sale()


@pytest.mark.parametrize(
    ("event", "moved"),
    [
        ("validate_order_bare.json", {}),
        ("reserve_stock_bare.json", {"taken:stock:tea": 2, "taken:stock:cup": 1}),
        ("reserve_stock_cloudevent.json", {"taken:stock:tea": 2, "taken:stock:cup": 1}),
        ("reserve_stock_invalid.json", None),
        ("charge_payment_bare.json", {"taken:credit:ada": 2_100}),
        ("confirm_order_bare.json", {"sold:tea": 2, "sold:cup": 1, "spent:ada": 2_100}),
        ("release_stock_bare.json", {}),
        ("refund_payment_bare.json", {}),
        ("cancel_order_bare.json", {}),
    ],
)
def test_event_does_its_work_in_the_stages_table(
    event: str,
    moved: dict[str, int] | None,
    in_table: Ledger,
    worker_environment: Callable[..., None],
) -> None:
    worker_environment(WORKERLESS_TABLE=TABLE)
    book(in_table, "opening", opening(), by="opening")
    name = event.rpartition("_")[0]
    handler = import_module(f"functions.{name}.handler").handler
    (record,) = json.loads((EVENTS / event).read_text(encoding="utf-8"))["Records"]

    with InMemoryStage(handler) as stage:
        status: Any = stage.run_message(handler.job_type, record["body"])

    assert status.state is (State.FAILED if moved is None else State.COMPLETED), status.errors
    assert books(in_table) == (moved or {})
