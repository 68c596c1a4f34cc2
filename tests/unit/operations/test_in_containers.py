"""A job type that containers run: its mapping is off, and whoever looks after mappings knows."""

from dataclasses import replace

import pytest

from tests.unit.operations.ward import Ward
from workerless.flow.settings import NO_SETTINGS, FlowSettings
from workerless.operations.doctor import mapping_rules
from workerless.operations.switching import keep_switched
from workerless.testing.memory import FakeClock, InMemoryDirectory
from workerless.testing.platform import a_deployed_job_type

NOW = FakeClock().now()


def test_resume_leaves_its_mapping_off() -> None:
    ward = Ward()
    ward.stage.doubles.directory.run_in_containers("visit")
    address = ward.desk.directory.find("visit")
    (mapping,) = ward.desk.platform.mappings(address)
    ward.desk.platform.switch(mapping, on=False)  # as its deployment does
    ward.operations.flow.pause("visit", why="tax day")

    ward.operations.flow.resume("visit", why="over")
    keep_switched(ward.desk)

    assert [one.state for one in ward.desk.platform.mappings(address)] == ["Disabled"]
    assert ward.operations.flow.settings("visit") == FlowSettings(version=3)


def test_mapping_that_somebody_switched_on_is_off_within_a_minute() -> None:
    ward = Ward()
    ward.stage.doubles.directory.run_in_containers("visit")
    address = ward.desk.directory.find("visit")

    assert keep_switched(ward.desk) == 0

    assert [one.state for one in ward.desk.platform.mappings(address)] == ["Disabled"]
    assert ward.operations.flow.settings("visit") == NO_SETTINGS


@pytest.mark.parametrize(("state", "rules"), [("Disabled", []), ("Enabled", ["mapping_enabled"])])
def test_doctor_finds_its_mapping_only_when_it_is_on(state: str, rules: list[str]) -> None:
    address = replace(InMemoryDirectory(["greet"]).find("greet"), in_containers=True)
    sound = a_deployed_job_type(address)
    deployed = replace(sound, mappings=(replace(sound.mappings[0], state=state),))

    found = list(mapping_rules.mapping_is_as_meant(deployed, NO_SETTINGS, NOW))

    assert [one.rule for one in found] == rules
    assert all("--no-enabled" in one.fix for one in found)
