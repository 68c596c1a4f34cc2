"""The doctor and declared schedules: what somebody changed by hand is found."""

from typing import Any

import pytest

from tests.unit.schedule.at_nine import a_plan
from workerless.deployed import DeployedSchedules, EntryFacts
from workerless.frozen import replace
from workerless.operations.doctor.schedule_rules import schedules_are_deployed
from workerless.schedule.tick_message import tick_input
from workerless.schedule.when import Cron
from workerless.testing.platform import entries_of

NINE = a_plan(when=Cron("0 9 * * *", timezone="Europe/Berlin"))
BOTH = a_plan(schedule_id="report-both", when=Cron("0 9 13 * FRI"))
PLANS = {plan.schedule_id: plan for plan in (NINE, BOTH)}
SOUND = entries_of(PLANS)
NAME = "report-hourly"


def with_entry(name: str, **changes: Any) -> DeployedSchedules:
    facts: dict[str, Any] = vars(SOUND.entries[name]) | changes
    return replace(SOUND, entries={**SOUND.entries, name: EntryFacts(**facts)})


def test_sound_schedules_break_no_rule() -> None:
    assert sorted(SOUND.entries) == ["report-both", "report-both.2", NAME]
    assert list(schedules_are_deployed(PLANS, SOUND)) == []
    everywhere = entries_of(PLANS, knows_zones=False)
    assert everywhere.entries[NAME].expression == "cron(* * * * ? *)"
    assert list(schedules_are_deployed(PLANS, everywhere)) == []


@pytest.mark.parametrize(
    ("flawed", "on", "says"),
    [
        (entries_of({BOTH.schedule_id: BOTH}), NAME, "is not in Scheduler"),
        (with_entry(NAME, is_enabled=False), NAME, "is switched off"),
        (with_entry(NAME, expression="cron(0 8 * * ? *)"), NAME, "is due cron(0 8"),
        (with_entry("report-both.2", timezone="Asia/Tokyo"), "report-both.2", "in Asia/Tokyo"),
        (with_entry(NAME, input=tick_input(BOTH)), NAME, "another schedule or payload"),
        (with_entry(NAME, input="no JSON"), NAME, "another schedule or payload"),
    ],
)
def test_schedule_that_somebody_changed_is_found(
    flawed: DeployedSchedules, on: str, says: str
) -> None:
    (found,) = schedules_are_deployed(PLANS, flawed)

    assert (found.rule, found.on, found.is_broken) == ("declared_schedule", on, True)
    assert says in found.wrong


def test_entry_of_no_job_type_is_told_as_advice() -> None:
    (found,) = schedules_are_deployed(
        {NAME: NINE},
        entries_of({NAME: NINE, "report-more": replace(NINE, schedule_id="report-more")}),
    )

    assert (found.on, found.is_broken) == ("report-more", False)
