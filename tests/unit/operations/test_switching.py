"""Mappings are as their settings say, whoever turned them, who raced and what Lambda refused."""

import pytest

from tests.unit.operations.ward import Ward
from workerless.deployed import MappingFacts
from workerless.errors import PlatformUnavailableError, StoreUnavailableError
from workerless.flow.settings import FlowSettings
from workerless.frozen import replace
from workerless.operations.opened import opened
from workerless.operations.switching import keep_switched
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.platform import InMemoryPlatform


def turn(ward: Ward, *, on: bool) -> None:
    """As a deployment does, or a person."""
    ward.desk.platform.switch(ward.mapping, on=on)


def test_deployment_that_switches_a_paused_job_type_on_is_undone_within_a_minute(
    ward: Ward,
) -> None:
    ward.operations.flow.pause("visit", why="tax day")
    turn(ward, on=True)

    assert keep_switched(ward.desk) == 1
    assert ward.mapping.state == "Disabled"


def test_mapping_that_somebody_else_switched_off_is_left_alone(ward: Ward) -> None:
    turn(ward, on=False)

    assert keep_switched(ward.desk) == 0
    assert ward.mapping.state == "Disabled"


class Busy(InMemoryPlatform):
    """A mapping that is still changing, as long as ``is_busy``."""

    is_busy = True

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        if self.is_busy:
            raise PlatformUnavailableError("ResourceInUseException")
        super().switch(mapping, on=on)


def test_mapping_that_cannot_be_switched_now_is_switched_later(ward: Ward) -> None:
    busy = Busy()
    ward.desk = ward.at(platform=busy)
    flow = opened(ward.desk).flow

    flow.pause("visit", why="tax day")
    keep_switched(ward.desk)
    assert ward.mapping.state == "Enabled"
    busy.is_busy = False
    keep_switched(ward.desk)
    assert ward.mapping.state == "Disabled"

    busy.is_busy = True
    flow.resume("visit")
    assert ward.mapping.state == "Disabled"
    busy.is_busy = False
    keep_switched(ward.desk)
    assert ward.mapping.state == "Enabled"


class Raced(InMemorySettings):
    """Somebody else saves in between, so many times."""

    races = 1

    def save(self, name: str, settings: FlowSettings) -> bool:
        if self.races:
            self.races -= 1
            super().save(name, replace(settings, pauses=settings.pauses[:0]))
        return super().save(name, settings)


def test_two_who_change_settings_at_once_are_both_heard(ward: Ward) -> None:
    desk = ward.at(settings=Raced())

    opened(desk).flow.pause("visit", why="tax day")
    assert opened(desk).flow.settings("visit").paused(ward.clock.now())


def test_who_never_gets_its_turn_says_so(ward: Ward) -> None:
    raced = Raced()
    raced.races = 1_000

    with pytest.raises(StoreUnavailableError, match="visit change all the time"):
        opened(ward.at(settings=raced)).flow.pause("visit", why="tax day")


class Resumed(InMemoryPlatform):
    """Somebody resumes the job type while its mapping is being switched off."""

    ward: Ward | None = None

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        if not on and self.ward is not None:
            ward, self.ward = self.ward, None
            opened(ward.at(platform=self)).flow.resume("visit")
        super().switch(mapping, on=on)


def test_resume_that_comes_in_between_wins_over_the_switching_off(ward: Ward) -> None:
    platform = Resumed()
    platform.ward = ward
    ward.desk = ward.at(platform=platform)

    opened(ward.desk).flow.pause("visit", why="tax day")

    assert ward.mapping.state == "Enabled"


class LettingGo(Resumed):
    """As ``Resumed``; and Lambda refuses to change a mapping that it is still switching off."""

    is_changing = False

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        if self.is_changing:
            raise PlatformUnavailableError("ResourceInUseException")
        super().switch(mapping, on=on)
        self.is_changing = not on


def test_mapping_that_a_race_left_off_is_switched_on_once_lambda_lets_us(ward: Ward) -> None:
    platform = LettingGo()
    platform.ward = ward
    ward.desk = ward.at(platform=platform)

    opened(ward.desk).flow.pause("visit", why="tax day")
    keep_switched(ward.desk)
    assert ward.mapping.state == "Disabled"
    platform.is_changing = False
    keep_switched(ward.desk)

    assert ward.mapping.state == "Enabled"
    assert keep_switched(ward.desk) == 0
    (settings,) = ward.desk.settings.read_many(["visit"])
    assert not settings.is_off


def test_trouble_with_one_job_type_holds_up_no_other(ward: Ward) -> None:
    ward.stage.doubles.directory.add("walk")
    busy = Busy()
    ward.desk = ward.at(platform=busy)
    for name in ("visit", "walk"):
        opened(ward.desk).flow.pause(name, why="x")

    class Half(Busy):
        def switch(self, mapping: MappingFacts, *, on: bool) -> None:
            self.is_busy = "visit" in mapping.function
            super().switch(mapping, on=on)

    half = Half()
    keep_switched(ward.at(platform=half))

    states = {name: one.mappings[0].state for name, one in half.job_types.items()}
    assert states == {"visit": "Enabled", "walk": "Disabled"}
