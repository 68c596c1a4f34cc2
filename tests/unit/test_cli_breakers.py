"""breakers list and close: what is printed, how it ends, and what becomes of jobs."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.operations.ward import Ward, a_job_type
from workerless import Dependency
from workerless.errors import OperationRefusedError, StoreUnavailableError
from workerless.flow.breaker import NEW, Breaker, opened
from workerless.operations.opened import opened as operations_at
from workerless.testing.flow.breakers import InMemoryBreakers

BANK = Dependency("bank", (OSError,), open_for=timedelta(minutes=5))


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    terminal = WardTerminal(folder=tmp_path)
    terminal.ward = Ward(a_job_type(needs=(BANK,)))
    return terminal


def trip(ward: Ward) -> None:
    assert ward.desk.breakers.save("bank", opened(NEW, BANK, ward.clock.now()))


def test_breaker_is_listed_and_closed_by_hand(terminal: WardTerminal) -> None:
    ward = terminal.ward
    before = terminal.run("breakers", "list").stdout.splitlines()[1].split()
    trip(ward)
    listed = json.loads(terminal.run("breakers", "list", "--json").stdout)["breakers"]
    shown = terminal.run("breakers", "list").stdout.splitlines()[1].split()

    done = terminal.run("breakers", "close", "bank", "--why", "mended")
    again = terminal.run("breakers", "close", "bank", "--why", "mended")

    assert before == ["bank", "closed", "-", "0", "0"]
    until = ward.clock.now() + BANK.open_for
    assert listed == [
        {
            "name": "bank",
            "stand": "open",
            "until": until.isoformat(),
            "failures": 0,
            "in_a_row": 1,
        }
    ]
    assert shown[:2] == ["bank", "open"]
    assert (done.exit_code, done.stdout) == (0, "bank is closed; it was open\n")
    assert (again.exit_code, "holds nothing back" in again.stderr) == (4, True)
    assert ward.desk.breakers.read("bank").share(ward.clock.now(), BANK.recovery) == 0.1
    entries = [(one.verb, one.on, one.outcome) for one in ward.operations.audit.list().items]
    assert entries[-1] == ("close breaker", "bank", "done")


def test_close_is_told_as_json(terminal: WardTerminal) -> None:
    trip(terminal.ward)

    done = terminal.run("breakers", "close", "bank", "--why", "mended", "--json")

    assert json.loads(done.stdout) == {"name": "bank", "was": "open"}


def test_checkout_that_needs_nothing_has_no_breakers(tmp_path: Path) -> None:
    shown = WardTerminal(folder=tmp_path).run("breakers", "list")

    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "declares what it needs" in shown.stderr


def test_nobody_closes_a_breaker_without_a_reason(terminal: WardTerminal) -> None:
    with pytest.raises(OperationRefusedError, match="why must be"):
        terminal.ward.operations.breakers.close("bank", why=" ")


def test_who_never_gets_its_turn_says_so(terminal: WardTerminal) -> None:
    class Contended(InMemoryBreakers):
        def save(self, name: str, breaker: Breaker) -> bool:
            return False

    contended = Contended()
    InMemoryBreakers.save(contended, "bank", opened(NEW, BANK, terminal.ward.clock.now()))
    operations = operations_at(terminal.ward.at(breakers=contended))

    with pytest.raises(StoreUnavailableError, match="changes all the time"):
        operations.breakers.close("bank", why="mended")
