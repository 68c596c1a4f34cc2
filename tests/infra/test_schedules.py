"""Declared schedules, as their stacks give them to EventBridge Scheduler and to the sweeper."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.infra.cloud import Cloud, Properties, Template, statements, text
from workerless import naming
from workerless.planned import plan_of
from workerless.schedule.plan import read_plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import translate

ENTRY, PARAMETER = "AWS::Scheduler::Schedule", "AWS::SSM::Parameter"


@pytest.fixture(scope="module")
def cloud(clouds: Callable[[str], Cloud]) -> Cloud:
    return clouds("prod")


@pytest.fixture(scope="module")
def template(cloud: Cloud) -> Template:
    """Of the job type with schedules."""
    (found,) = (one for one in cloud.templates if one.name.endswith("-job-scheduled"))
    return found


@pytest.fixture(scope="module")
def entries(template: Template) -> dict[str, Properties]:
    return {entry["Name"]: entry for _, entry in template.of(ENTRY)}


def test_each_expression_has_an_entry_that_sends_the_plan(
    cloud: Cloud, entries: dict[str, Properties]
) -> None:
    (job_type,) = (one for one in cloud.job_types if one.name == "scheduled")
    plans = [plan_of(job_type, schedule) for schedule in job_type.schedules]

    wanted = {
        naming.schedule_entry(plan.schedule_id, number): (one.expression, one.timezone, plan)
        for plan in plans
        for number, one in enumerate(translate(plan.timetable))
    }

    assert entries.keys() == wanted.keys()
    assert len(entries) == 4
    for name, (expression, timezone, plan) in wanted.items():
        entry = entries[name]
        assert entry["ScheduleExpression"] == expression
        assert entry["ScheduleExpressionTimezone"] == timezone
        assert json.loads(entry["Target"]["Input"]) == json.loads(tick_input(plan))
        assert entry["GroupName"] == "workerless-prod"


def test_entries_send_to_the_queue_of_ticks_and_give_up_before_the_next(
    entries: dict[str, Properties],
) -> None:
    for entry in entries.values():
        to = entry["Target"]
        assert text(to["Arn"]).endswith(":workerless-prod--ticks")
        assert text(to["DeadLetterConfig"]["Arn"]).endswith(":workerless-prod--ticks-dead")
    ages = [
        entries[f"scheduled-{name}"]["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"]
        for name in ("often", "nightly", "nightly.2")
    ]
    minute, day = timedelta(minutes=1), timedelta(days=1)
    assert ages == [(7 * minute - minute).seconds, *[(day - minute).seconds] * 2]
    assert entries["scheduled-nightly"]["FlexibleTimeWindow"] == {
        "Mode": "FLEXIBLE",
        "MaximumWindowInMinutes": 30,
    }
    assert entries["scheduled-often"]["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_sweeper_finds_each_plan_in_a_parameter(cloud: Cloud, template: Template) -> None:
    (job_type,) = (one for one in cloud.job_types if one.name == "scheduled")
    plans = [plan_of(job_type, schedule) for schedule in job_type.schedules]

    found = {
        one["Name"]: one["Value"]
        for _, one in template.of(PARAMETER)
        if one["Name"].startswith(naming.schedule_parameters("prod"))
    }

    assert {name: read_plan(value) for name, value in found.items()} == {
        naming.schedule_parameter("prod", plan.schedule_id): plan for plan in plans
    }


def test_no_payload_is_read_as_a_reference_by_who_passes_it_on(template: Template) -> None:
    assert "resolve:ssm" in template.source
    assert "{{" not in template.source
    inputs = [entry["Target"]["Input"] for _, entry in template.of(ENTRY)]
    assert all(one.count("<") == 1 for one in inputs)


def test_role_of_the_entries_may_do_nothing_but_send(template: Template) -> None:
    (rights,) = (
        statements(policy)
        for name, policy in template.of("AWS::IAM::Policy")
        if name.startswith("SchedulesRole")
    )

    assert [one["Action"] for one in rights] == ["sqs:SendMessage"]
    assert {text(one).rpartition(":")[2] for one in rights[0]["Resource"]} == {
        "workerless-prod--ticks",
        "workerless-prod--ticks-dead",
    }


def test_dynamic_schedules_have_a_group_and_a_role_that_may_do_nothing_but_send(
    cloud: Cloud,
) -> None:
    (core,) = (one for one in cloud.templates if one.name.endswith("-core"))
    groups = {group["Name"] for _, group in core.of("AWS::Scheduler::ScheduleGroup")}
    (rights,) = (
        statements(policy)
        for name, policy in core.of("AWS::IAM::Policy")
        if name.startswith("TicksDynamicRole")
    )
    (told,) = (
        text(one["Value"])
        for _, one in core.of(PARAMETER)
        if one["Name"] == naming.core_parameter("prod")
    )

    assert groups == {"workerless-prod", "workerless-prod-dynamic"}
    assert [one["Action"] for one in rights] == ["sqs:SendMessage"]
    ticks = json.loads(told)["ticks"]
    assert ticks["queue"].endswith(":workerless-prod--ticks")
    assert ticks["dead_letters"].endswith(":workerless-prod--ticks-dead")
    assert ticks["knows_zones"] is True


def test_where_zones_are_unknown_entries_in_one_fire_each_minute(
    clouds: Callable[[str], Cloud],
) -> None:
    told = {
        entry["Name"]: entry["ScheduleExpression"]
        for _, _, entry in clouds("local").each(ENTRY)
        if entry["Name"].startswith("scheduled-")
    }

    assert told == {
        "scheduled-nightly": "cron(* * * * ? *)",
        "scheduled-often": "cron(* * * * ? *)",  # seven minutes divide no hour
        "scheduled-daily_report": "at(2036-01-01T00:00:00)",
    }


def test_job_types_without_schedules_have_none_of_it(cloud: Cloud) -> None:
    for one in cloud.templates:
        if one.name.endswith("-job-plain"):
            assert list(one.of(ENTRY, "AWS::IAM::Role"))[1:] == []
            assert [parameter["Name"] for _, parameter in one.of(PARAMETER)] == [
                naming.job_type_parameter("prod", "plain")
            ]


def test_missed_ticks_are_counted_in_both_logs(cloud: Cloud) -> None:
    (core,) = (one for one in cloud.templates if one.name.endswith("-core"))

    told = [one for _, one in core.of("AWS::Logs::MetricFilter") if "missed" in json.dumps(one)]

    missed = '$.message = "schedule.missed"'
    assert {
        one["MetricTransformations"][0]["MetricName"]: one["FilterPattern"] for one in told
    } == {
        "workerless-prod--ticks-missed": f'{{ ({missed}) && ($.schedule_id = "*--*") }}',
    }
    assert len({json.dumps(one["LogGroupName"]) for one in told}) == 2
    metrics = {one["MetricTransformations"][0]["MetricName"] for one in told}
    alarmed = {alarm.get("MetricName") for _, _, alarm in cloud.each("AWS::CloudWatch::Alarm")}
    assert metrics <= alarmed
