"""The runbook: what the doctor names is there, and each command on it is one."""

import re
from pathlib import Path

from tests.unit.test_cli_page import THERE_ARE
from workerless.operations.doctor.finding import RUNBOOK, Finding

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "runbook.md").read_text()


def test_the_doctor_names_sections_that_there_are() -> None:
    assert set(RUNBOOK.values()) <= set(re.findall(r"^### (\S+)$", TEXT, re.MULTILINE))


def test_a_finding_leads_to_the_runbook_or_to_its_rule() -> None:
    read_on = {
        rule: Finding(rule=rule, on="x", wrong="y", fix="z").runbook
        for rule in ("heartbeat", "tls_only")
    }

    assert read_on == {
        "heartbeat": "docs/runbook.md#sweeper-stopped",
        "tls_only": "docs/troubleshooting.md#rules-of-the-doctor",
    }


def test_every_command_on_the_page_is_one_with_its_options() -> None:
    commands = re.findall(r"`workerless ([^`]+)`", TEXT)

    assert commands
    for command in commands:
        name = max((one for one in THERE_ARE if re.match(rf"{one}(?![\w-])", command)), key=len)
        params = THERE_ARE[name].params
        there_are = {option for one in params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", command)) <= there_are, command
