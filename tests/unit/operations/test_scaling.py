"""Bounds of job types with an autoscale, as the operator function moves them each minute."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.operations.ward import Patient, Ward
from workerless.deployed import MappingFacts
from workerless.errors import PlatformUnavailableError
from workerless.flow.autoscale import Autoscale, Scale
from workerless.operations.doctor import mapping_rules
from workerless.operations.opened import opened
from workerless.operations.queues import AtOnce
from workerless.operations.scaling import keep_scaled
from workerless.testing.platform import InMemoryPlatform, a_deployed_job_type

MINUTE = timedelta(minutes=1)
RULE = Autoscale(least=2, jobs_each=10, older_than=5 * MINUTE, down_after=10 * MINUTE)


class Scaled(Ward):
    """Its job type is scaled between 2 and 20, and its mapping is settled at ``bound``."""

    def __init__(self, bound: int = 2, rule: Autoscale = RULE, **mapping: Any) -> None:
        super().__init__()
        self.platform = InMemoryPlatform(clock=self.clock)
        self.desk = replace(self.desk, platform=self.platform)
        self.stage.doubles.directory.scale("visit", Scale(rule=rule, most=20))
        address = self.desk.directory.find("visit")
        sound = a_deployed_job_type(address)
        (first,) = sound.mappings
        facts = replace(first, max_concurrency=bound, **mapping)
        self.platform.job_types["visit"] = replace(sound, mappings=(facts,))

    def enqueue(self, number: int) -> None:
        jobs = [Patient(number=n) for n in range(number)]
        self.stage.client.enqueue_many(self.job_type, jobs)


def test_bound_goes_up_as_soon_as_jobs_wait_and_down_later() -> None:
    ward = Scaled()
    ward.enqueue(75)

    assert keep_scaled(ward.desk) == 1
    assert ward.mapping.max_concurrency == 8

    ward.is_ill = lambda _: False
    ward.stage.run_all()
    ward.clock.advance(9 * MINUTE)
    assert keep_scaled(ward.desk) == 0
    ward.clock.advance(MINUTE)
    assert keep_scaled(ward.desk) == 1
    assert ward.mapping.max_concurrency == 2


def test_old_messages_double_it() -> None:
    ward = Scaled(bound=4)
    ward.platform.ages[ward.mapping.queue] = 6 * MINUTE

    keep_scaled(ward.desk)

    assert ward.mapping.max_concurrency == 8


def test_age_is_not_asked_for_where_it_does_not_count() -> None:
    class Blind(InMemoryPlatform):
        def oldest(self, queue: str) -> timedelta | None:
            raise AssertionError(queue)

    ward = Scaled(rule=Autoscale())
    ward.desk = replace(ward.desk, platform=Blind(job_types=ward.platform.job_types))

    assert keep_scaled(ward.desk) == 0


@pytest.mark.parametrize("state", ["Disabled", "Disabling", "Updating", "Creating"])
def test_mapping_that_is_off_or_changing_is_left_alone(state: str) -> None:
    ward = Scaled(state=state)
    ward.enqueue(75)

    assert keep_scaled(ward.desk) == 0
    assert ward.mapping.max_concurrency == 2


def test_retries_that_wait_hidden_count_as_no_more_than_can_run() -> None:
    """SQS counts what is hidden until its next attempt with what is in hand."""
    ward = Scaled(batch_size=1)
    ward.is_ill = lambda _: True
    ward.enqueue(75)
    address = ward.desk.directory.find("visit")
    ward.stage.doubles.queue.receive(address.queue, limit=75, hide=timedelta(hours=1))
    assert ward.desk.queue.depth(address.queue).in_flight > 20

    assert keep_scaled(ward.desk) == 0


def test_job_type_without_a_rule_or_in_containers_is_left_alone() -> None:
    plain, contained = Ward(), Scaled()
    contained.stage.doubles.directory.run_in_containers("visit")
    contained.enqueue(75)

    assert keep_scaled(plain.desk) == 0
    assert keep_scaled(contained.desk) == 0


def test_trouble_with_one_job_type_is_told_and_the_next_goes_on() -> None:
    class Refusing(InMemoryPlatform):
        def bound(self, mapping: MappingFacts, most: int) -> None:
            raise PlatformUnavailableError("still changing")

    ward = Scaled()
    ward.enqueue(75)
    ward.desk = replace(ward.desk, platform=Refusing(job_types=ward.platform.job_types))

    assert keep_scaled(ward.desk) == 0
    assert [one.event for one in ward.stage.doubles.telemetry.troubles] == ["not_scaled"]


def test_what_was_moved_is_told() -> None:
    ward = Scaled()
    ward.enqueue(75)

    keep_scaled(ward.desk)

    lines = ward.stage.doubles.telemetry.transitions
    assert [one for one in lines if one["event"] == "autoscale.moved"] == [
        {
            "event": "autoscale.moved",
            "job_type": "visit",
            "was": 2,
            "bound": 8,
            "unfinished": 75,
        }
    ]


def test_operator_sees_the_bound_and_its_range() -> None:
    plain, scaled = Ward(), Scaled(bound=7)

    assert opened(scaled.desk).queues.at_once("visit") == AtOnce(now=7, least=2, most=20)
    assert plain.operations.queues.at_once("visit") is None


@pytest.mark.parametrize(("bound", "rules"), [(2, []), (20, []), (21, ["autoscale"]), (None, [])])
def test_doctor_finds_a_bound_that_is_out_of_its_range(bound: int | None, rules: list[str]) -> None:
    ward = Scaled()
    deployed = replace(
        ward.platform.job_types["visit"],
        mappings=(replace(ward.mapping, max_concurrency=bound),),
    )

    found = [*mapping_rules.bound_is_within_its_scale(deployed)]

    assert [one.rule for one in found] == rules
