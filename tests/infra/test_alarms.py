"""The alarms of a stage as a whole: what each profile has, whom they tell, where to read on."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aws_cdk import App

from infra.alarms.job_alarms import MOST_OF_RUNBOOK, watched_of
from infra.alarms.row import AlarmProfile
from infra.app import build
from infra.artifact import ROOT
from infra.settings import LifecycleEvents, stages
from tests.infra.alarming import HOURS, LEEWAYS, alarms_of
from tests.infra.cloud import ALARM, COMPOSITE, Cloud, read, text
from workerless.alarming.leeway import Leeway
from workerless.alarming.state import State
from workerless.alarming.watch import history
from workerless.discovery import discover
from workerless.errors import DeclarationError
from workerless.execution.pause_sweep import tell_pauses
from workerless.flow.settings import FlowSettings, Pause
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import RecordingTelemetry

BASIC = {
    "dead-letters",
    "failure-rate-critical",
    "no-jobs-processed",
    "oldest-age",
    "release-crashes",
    "release-failures",
    "worker-crashes",
}
FULL = BASIC | {
    "critical",
    "dead-letters-growing",
    "dead-letters-many",
    "duration-doubled",
    "failure-rate-warning",
    "mapping-stopped",
    "paused",
    "queue-depth-critical",
    "queue-depth-warning",
    "throttles",
    "worker-memory",
}
MAIL = "workerless-prod-send_email-"
# Of a job type; it stands thrice in the description of its alarm, lengthening what is measured.
LONGEST_NAME = 40


def names(cloud: Cloud) -> list[str]:
    return [text(one["AlarmName"]) for _, _, one in cloud.each(ALARM, COMPOSITE)]


def synthesised(profile: AlarmProfile, directory: Path) -> Cloud:
    """Production as one job type needs it, and with events."""
    stage = replace(stages({})["prod"], alarms=profile, lifecycle=LifecycleEvents())
    found = [one for one in discover(ROOT) if one.job_type.name == "send_email"]
    app = App(outdir=str(directory))
    build(app, stage=stage, found=found)
    app.synth()
    return read(directory, stage, [one.job_type for one in found])


@pytest.mark.parametrize(
    ("profile", "expected"),
    [(AlarmProfile.NONE, set()), (AlarmProfile.BASIC, BASIC), (AlarmProfile.FULL, FULL)],
)
def test_a_profile_has_its_alarms(
    profile: AlarmProfile, expected: set[str], tmp_path: Path
) -> None:
    cloud = synthesised(profile, tmp_path)

    told = names(cloud)

    assert {one.removeprefix(MAIL) for one in told if one.startswith(MAIL)} == expected
    assert bool(told) is (profile is not AlarmProfile.NONE)


def test_each_alarm_has_its_section_in_the_runbook_and_the_other_way_round(
    clouds: Callable[[str], Cloud], tmp_path: Path
) -> None:
    told = [
        text(one["AlarmDescription"])
        for cloud in (clouds("prod"), synthesised(AlarmProfile.FULL, tmp_path))
        for _, _, one in cloud.each(ALARM, COMPOSITE)
    ]
    anchors = {match for one in told for match in re.findall(r"docs/runbook\.md#([a-z-]+)\.", one)}

    runbook = (ROOT / "docs" / "runbook.md").read_text()

    assert all("docs/runbook.md#" in one for one in told)
    assert anchors == set(re.findall(r"^### (\S+)$", runbook, re.MULTILINE))


def test_every_name_ends_in_the_name_of_its_section(clouds: Callable[[str], Cloud]) -> None:
    for _, _, one in clouds("prod").each(ALARM, COMPOSITE):
        (anchor,) = re.findall(r"docs/runbook\.md#([a-z-]+)\.", text(one["AlarmDescription"]))
        assert re.search(rf"-{anchor}(-[a-z0-9]+)?$", text(one["AlarmName"]))


def test_no_two_alarms_of_a_stage_have_the_same_name(clouds: Callable[[str], Cloud]) -> None:
    told = names(clouds("prod"))

    assert len(told) == len(set(told))


def test_what_is_critical_tells_by_one_page_and_all_else_by_itself(
    clouds: Callable[[str], Cloud],
) -> None:
    alarms = alarms_of(clouds("prod"))
    page = next(one for one in alarms.composite if one.name == f"{MAIL}critical")

    for alarm in alarms.metric:
        if alarm.name.startswith(MAIL):
            is_critical = "Severity: critical" in alarm.description
            is_asked = alarm.name in page.names
            assert bool(alarm.tells) is not is_asked, alarm.name
            assert is_asked is (is_critical or alarm.name.endswith("-paused")), alarm.name
    assert [one.rpartition(":")[2] for one in page.tells] == ["workerless-prod-alarms"]


def test_a_description_leads_to_the_console(clouds: Callable[[str], Cloud]) -> None:
    alarms = alarms_of(clouds("prod"))

    told = alarms.by_name[f"{MAIL}oldest-age"].description

    assert "home?region=eu-west-1#alarmsV2:alarm/workerless-prod-send_email-oldest-age." in told


def test_a_team_finds_its_own_runbook_too(clouds: Callable[[str], Cloud]) -> None:
    alarms = alarms_of(clouds("prod"))

    told = alarms.by_name["workerless-prod-owned-oldest-age"].description

    assert "Owner: Team Mail." in told
    assert "Its own runbook: https://example.com/runbooks/owned." in told


def test_the_emulator_is_spared_what_it_refuses_and_the_template_has_it(
    clouds: Callable[[str], Cloud],
) -> None:
    refused = [
        "Condition" in template.resource(name)
        for template, name, one in clouds("local").each(ALARM, COMPOSITE)
        if "Metrics" in one or "AlarmRule" in one
    ]

    assert refused
    assert all(refused)
    assert not any("Conditions" in template.body for template in clouds("prod").templates)


def test_the_emulator_has_no_page_so_that_each_alarm_tells_there(
    clouds: Callable[[str], Cloud],
) -> None:
    silent = {one.name for one in alarms_of(clouds("local")).metric if not one.tells}

    assert "workerless-local-lanes-paused-premium" in silent
    assert all(re.search(r"-paused(-[a-z0-9]+)?$", one) for one in silent)


def test_an_address_that_no_alarm_can_say_is_refused() -> None:
    (mail,) = (one.job_type for one in discover(ROOT) if one.job_type.name == "send_email")
    address = f"https://wiki/{'x' * (MOST_OF_RUNBOOK - 13)}"

    told = watched_of(replace(mail, runbook=address), stages({})["prod"], {})

    assert told.more == address
    with pytest.raises(DeclarationError, match="runbook must be at most 300"):
        watched_of(replace(mail, runbook=f"{address}x"), stages({})["prod"], {})


def test_what_the_sweeper_tells_of_lanes_is_what_their_alarms_watch(
    clouds: Callable[[str], Cloud],
) -> None:
    cloud, telemetry = clouds("prod"), RecordingTelemetry()
    settings = InMemorySettings()
    pause = Pause(by="ana", at=datetime.now(UTC), why="x", lane="premium")
    settings.save("lanes", FlowSettings(pauses=(pause,)))
    (alarm,) = (
        one
        for _, _, one in cloud.each(ALARM)
        if one["AlarmName"] == "workerless-prod-lanes-paused-premium"
    )
    (counted,) = (
        one
        for _, _, told in cloud.each("AWS::Logs::MetricFilter")
        for one in told["MetricTransformations"]
        if (one["MetricNamespace"], one["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
    )

    tell_pauses(["lanes"], settings, datetime.now(UTC), telemetry)

    (line,) = telemetry.transitions
    told = {**line, "service": "workerless-prod"}
    assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
        one["Key"]: told[one["Value"].removeprefix("$.")] for one in counted["Dimensions"]
    }


@pytest.mark.parametrize("leeway", LEEWAYS, ids=str)
def test_a_new_stage_and_one_that_sleeps_ring_nothing(
    clouds: Callable[[str], Cloud], leeway: Leeway
) -> None:
    alarms = alarms_of(clouds("prod"))

    told = list(history(alarms, {}, [0, HOURS, 7 * HOURS], leeway))

    assert {state for states in told for state in states.values()} == {State.OK}


def test_stacks_stay_far_from_their_limit(clouds: Callable[[str], Cloud]) -> None:
    assert max(len(one.body["Resources"]) for one in clouds("prod").templates) < 200


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_job_type_costs_what_the_decision_says(
    stage: str, clouds: Callable[[str], Cloud]
) -> None:
    """Each metric that an alarm reads is paid for, a composite like five."""
    alarms = alarms_of(clouds(stage))
    of_mail = f"workerless-{stage}-send_email-"

    read = sum(len(one.measures) for one in alarms.metric if one.name.startswith(of_mail))
    pages = sum(one.name.startswith(of_mail) for one in alarms.composite)

    assert (read, pages) == {"dev": (7, 0), "prod": (26, 1)}[stage]
    dollars = f"${0.1 * read + 0.5 * pages:.2f} "
    assert dollars in (ROOT / "docs" / "decisions" / "0032-alarms-are-rows.md").read_text()


def test_alarms_keep_within_the_limits_of_cloudwatch(clouds: Callable[[str], Cloud]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    alarms = alarms_of(clouds("prod"))

    for alarm in alarms.by_name.values():
        assert len(alarm.name) <= 255 - LONGEST_NAME, alarm.name
        # Whatever may be said by a job type: its owner is a tag.
        room = 1_024 - 256 - MOST_OF_RUNBOOK - 3 * LONGEST_NAME
        assert len(re.sub("Owner: .*? Runbook|Its own.*", "", alarm.description)) <= room
    for one in alarms.metric:
        assert one.period * one.rule.periods <= 24 * HOURS, one.name
        assert 1 <= one.rule.datapoints <= one.rule.periods, one.name
        assert len(one.measures) <= 10, one.name
        assert all(len(text) <= 2_048 for text in one.expressions.values()), one.name
        assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", id_) for id_ in one.measures), one.name
    for page in alarms.composite:
        assert len(set(page.names)) <= 100, page.name
        assert len(page.rule) <= 10_240, page.name
