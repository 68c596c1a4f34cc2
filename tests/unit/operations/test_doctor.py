"""The doctor: a sound deployment passes, and each rule finds the flaw it is for."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from workerless.deployed import DeployedCore, DeployedJobType
from workerless.flow.settings import NO_SETTINGS
from workerless.operations.doctor import core_rules, mapping_rules
from workerless.operations.doctor.examination import (
    CORE_RULES,
    JOB_TYPE_RULES,
    QUEUE_RULES,
)
from workerless.operations.doctor.finding import Finding
from workerless.pulse import GAP, Pulse
from workerless.testing.memory import FakeClock, InMemoryDirectory
from workerless.testing.platform import (
    a_deployed_core,
    a_deployed_job_type,
    a_function,
    a_mapping,
    an_alarm,
)

ADDRESS = InMemoryDirectory(["greet"]).find("greet")
SOUND = a_deployed_job_type(ADDRESS)
CORE = a_deployed_core()
PAGE = Path(__file__).resolve().parents[3] / "docs" / "troubleshooting.md"
NOW = FakeClock().now()

ALL_RULES = (*JOB_TYPE_RULES, *QUEUE_RULES)


def queue(**changes: Any) -> DeployedJobType:
    assert SOUND.queue
    return replace(SOUND, queue=replace(SOUND.queue, **changes))


def dead(**changes: Any) -> DeployedJobType:
    assert SOUND.dead_letters
    return replace(SOUND, dead_letters=replace(SOUND.dead_letters, **changes))


def mapping(**changes: Any) -> DeployedJobType:
    return replace(SOUND, mappings=(replace(SOUND.mappings[0], **changes),))


def function(**changes: Any) -> DeployedJobType:
    assert SOUND.function
    return replace(SOUND, function=replace(SOUND.function, **changes))


def alarm(**changes: Any) -> DeployedJobType:
    return replace(SOUND, alarms=(replace(SOUND.alarms[0], **changes), SOUND.alarms[1]))


def table(**changes: Any) -> DeployedCore:
    assert CORE.table
    return replace(CORE, table=replace(CORE.table, **changes))


def sweeper(**changes: Any) -> DeployedCore:
    return replace(CORE, sweeper=replace(CORE.sweeper, **changes))


def rules_of(deployed: DeployedJobType) -> list[str]:
    found = [finding.rule for rule in ALL_RULES for finding in rule(deployed)]
    return found + [
        one.rule for one in mapping_rules.mapping_is_as_meant(deployed, NO_SETTINGS, NOW)
    ]


FLAWS = [
    ("queue", replace(SOUND, queue=None)),
    ("queue", replace(SOUND, dead_letters=None)),
    ("visibility", queue(visibility=timedelta(seconds=359))),
    ("visibility", mapping(window=timedelta(seconds=1))),
    ("fuse", queue(max_receive_count=10)),
    ("redrive_policy", queue(dead_letters=None)),
    ("redrive_policy", queue(dead_letters="arn:aws:sqs:us-east-1:000000000000:another")),
    ("redrive_allow_policy", dead(allows=None)),
    ("redrive_allow_policy", dead(allows=("arn:aws:sqs:us-east-1:000000000000:another",))),
    ("dead_letter_retention", dead(retention=timedelta(days=4))),
    ("dead_letter_retention", queue(retention=timedelta(days=14))),
    ("encryption", queue(is_encrypted=False)),
    ("encryption", dead(is_encrypted=False)),
    ("tls_only", queue(is_tls_only=False)),
    ("tls_only", dead(is_tls_only=False)),
    ("mapping", replace(SOUND, mappings=())),
    ("mapping", mapping(function="another")),
    ("mapping", replace(SOUND, mappings=(*SOUND.mappings, a_mapping(ADDRESS.queue, "thief")))),
    (
        "dead_letter_reader",
        replace(SOUND, mappings=(*SOUND.mappings, a_mapping(ADDRESS.dead_letters, "thief"))),
    ),
    ("mapping_enabled", mapping(state="Disabled")),
    ("mapping_enabled", mapping(state="Disabling")),
    ("partial_batches", mapping(takes_partial_responses=False)),
    ("maximum_concurrency", mapping(max_concurrency=None)),
    ("event_counts", mapping(counts_events=False)),
    ("function", replace(SOUND, function=None)),
    ("function", function(state="Failed")),
    ("function", function(last_update="Failed")),
    ("live", function(version="")),
    ("live", mapping(qualifier="")),
    ("reserved_concurrency", function(reserved=0)),
    ("reserved_concurrency", function(reserved=4)),
    ("recursion", function(may_loop=False)),
    ("log_retention", function(log_days=None)),
    ("environment", function(environment={})),
    (
        "environment",
        function(
            environment={**SOUND.function.environment, "WORKERLESS_QUEUE_URL": "another"}
            if SOUND.function
            else {}
        ),
    ),
    ("dead_letter_alarm", alarm(metric="NumberOfMessagesSent")),
    ("dead_letter_alarm", alarm(threshold=100.0)),
    ("age_alarm", replace(SOUND, alarms=SOUND.alarms[:1])),
    ("alarm_action", alarm(tells=())),
    ("missing_data", alarm(missing_data="missing")),
]
CORE_FLAWS = [
    ("table", replace(CORE, table=None)),
    ("table", table(state="UPDATING")),
    ("table", table(indexes=frozenset({"due"}))),
    ("time_to_live", table(expires_by=None)),
    ("time_to_live", table(expires_by="another")),
    ("function", sweeper(function=None)),
    ("function", sweeper(function=a_function("sweeper", state="Failed"))),
    ("recovery", table(is_recoverable=False)),
    ("recovery", table(is_protected=False)),
    ("schedule", sweeper(schedule=None)),
    ("schedule", sweeper(schedule="rate(1 hours)")),
    ("schedule", replace(CORE, operator=replace(CORE.operator, schedule=None))),
    ("function", replace(CORE, operator=replace(CORE.operator, function=None))),
    ("listeners", replace(CORE, listeners=0)),
]
# Asked for beside the lists of rules: they need more than what is deployed.
OTHERS = {
    "left_queue",
    "autoscale",
    "declared_schedule",
    "failure_ratio",
    "heartbeat",
    "paused",
}


def test_sound_deployment_breaks_no_rule() -> None:
    assert rules_of(SOUND) == []
    assert [finding for rule in CORE_RULES for finding in rule(CORE)] == []


@pytest.mark.parametrize(("rule", "flawed"), FLAWS)
def test_flaw_of_a_job_type_breaks_its_rule_and_no_other(
    rule: str, flawed: DeployedJobType
) -> None:
    assert rules_of(flawed) == [rule]


@pytest.mark.parametrize(("rule", "flawed"), CORE_FLAWS)
def test_flaw_of_the_core_breaks_its_rule_and_no_other(rule: str, flawed: DeployedCore) -> None:
    assert [finding.rule for check in CORE_RULES for finding in check(flawed)] == [rule]


def test_every_rule_has_a_flaw_that_breaks_it() -> None:
    def breaks(rule: Any, flaws: Any) -> bool:
        return any([*rule(flawed)] for _, flawed in flaws)

    assert [rule for rule in ALL_RULES if not breaks(rule, FLAWS)] == []
    assert [rule for rule in CORE_RULES if not breaks(rule, CORE_FLAWS)] == []


def test_alarm_on_the_wrong_metric_is_told_why_it_is_wrong() -> None:
    (found,) = [
        finding
        for rule in ALL_RULES
        for finding in rule(
            replace(SOUND, alarms=(an_alarm(ADDRESS.dead_letters, "Sent"), *_age()))
        )
    ]

    assert "Sent does not count what SQS moves" in found.wrong


def _age() -> Iterator[Any]:
    return (one for one in SOUND.alarms if one.queue == ADDRESS.queue)


@pytest.mark.parametrize(
    ("pulse", "found"),
    [
        (None, ["heartbeat"]),
        (Pulse(since=NOW, at=NOW - GAP - timedelta(seconds=1)), ["heartbeat"]),
        (Pulse(since=NOW, at=NOW - GAP), []),
    ],
)
def test_sweeper_that_did_not_run_is_found_by_its_heartbeat(
    pulse: Pulse | None, found: list[str]
) -> None:
    findings = core_rules.sweeper_lives(CORE, pulse, NOW)

    assert [finding.rule for finding in findings] == found


def test_every_rule_has_its_row_in_the_page_and_the_page_no_other() -> None:
    section = PAGE.read_text().split("## Rules of the doctor\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)

    assert len(rows) == len(set(rows))
    assert set(rows) == {rule for rule, _ in (*FLAWS, *CORE_FLAWS)} | OTHERS


def test_finding_names_what_it_is_on() -> None:
    found: Finding
    (found,) = (one for rule in ALL_RULES for one in rule(queue(max_receive_count=3)))

    assert found.on == ADDRESS.queue
    assert "after 3 receives" in found.wrong
