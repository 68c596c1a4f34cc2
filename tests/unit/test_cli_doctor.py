"""doctor: what is printed and how it ends."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.cli import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(folder=tmp_path)
    terminal.pulses.beat(terminal.clock.now())
    return terminal


def spoil(terminal: Terminal, name: str = "m-1") -> None:
    """Switch the mapping of greet off."""
    sound = terminal.platform.job_type(terminal.directory.find("greet"))
    mapping = replace(sound.mappings[0], state="Disabled", uuid=name)
    terminal.platform.job_types["greet"] = replace(sound, mappings=(mapping,))


def test_sound_stage_is_told_so(terminal: Terminal) -> None:
    done = terminal.run("doctor")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "looked at 2 job types and what they share: all is well\n"


def test_what_is_broken_is_told_with_its_fix_and_ends_with_four(terminal: Terminal) -> None:
    spoil(terminal)

    done = terminal.run("doctor")

    assert done.exit_code == 4
    assert "broken   mapping_enabled: m-1 is Disabled: no job of greet starts" in done.stdout
    assert "aws lambda update-event-source-mapping --uuid m-1 --enabled" in done.stdout
    assert "1 rule is broken in stage test" in done.stderr


def test_advice_ends_with_zero(terminal: Terminal) -> None:
    terminal.platform.shared = replace(terminal.platform.shared, listeners=0)

    done = terminal.run("doctor")

    assert done.exit_code == 0
    assert "advice   listeners" in done.stdout


def test_machines_get_all_findings(terminal: Terminal) -> None:
    spoil(terminal)

    done = terminal.run("doctor", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["broken"], told["job_types"]) == (4, True, ["greet", "other"])
    assert [finding["rule"] for finding in told["findings"]] == ["mapping_enabled"]
    assert told["findings"][0]["is_broken"] is True


def test_names_cannot_steer_the_terminal(terminal: Terminal) -> None:
    spoil(terminal, "\x1b[2J")

    assert "\x1b" not in terminal.run("doctor").stdout
