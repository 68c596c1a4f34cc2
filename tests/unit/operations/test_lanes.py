"""Lanes as operators see them: each is looked at, and what they share is told once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.operations.test_health import Figures
from workerless import PRIORITIES, Tracking
from workerless.deployed import DeployedJobType
from workerless.errors import QueueUnavailableError
from workerless.operations.doctor.examination import Doctor
from workerless.operations.health import Check, StageHealth
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import FakeClock, InMemoryDirectory, InMemoryQueue, InMemoryStore
from workerless.testing.platform import InMemoryPlatform, a_deployed_job_type
from workerless.testing.pulse import InMemoryPulses
from workerless.testing.schedule.scheduler import InMemoryPlans

DIRECTORY = InMemoryDirectory()
ADDRESS = DIRECTORY.add("greet", Tracking.FULL, PRIORITIES)
SOUND = a_deployed_job_type(ADDRESS)
LOW = ADDRESS.lanes["low"]


def broken(deployed: DeployedJobType) -> list[tuple[str, str]]:
    """Rule and resource of each finding."""
    clock, pulses = FakeClock(), InMemoryPulses()
    pulses.beat(clock.now())
    doctor = Doctor(
        platform=InMemoryPlatform(job_types={"greet": deployed}),
        directory=DIRECTORY,
        pulses=pulses,
        settings=InMemorySettings(),
        store=InMemoryStore(clock),
        plans=InMemoryPlans(),
        clock=clock,
    )
    return [(one.rule, one.on) for one in doctor.examine().findings]


def with_lane(lane: str, **changes: Any) -> DeployedJobType:
    queue = SOUND.lanes[lane]
    assert queue is not None
    return replace(SOUND, lanes={**SOUND.lanes, lane: replace(queue, **changes)})


def with_mapping(queue: str, **changes: Any) -> DeployedJobType:
    mappings = [
        replace(one, **changes) if one.queue.endswith(queue) else one for one in SOUND.mappings
    ]
    return replace(SOUND, mappings=tuple(mappings))


@pytest.mark.parametrize(
    ("deployed", "findings"),
    [
        (SOUND, []),
        (with_lane("low", max_receive_count=3), [("fuse", LOW)]),
        (with_lane("low", dead_letters=None), [("redrive_policy", LOW)]),
        (with_mapping(LOW, state="Disabled"), [("mapping_enabled", f"mapping-of-{LOW}")]),
        (with_mapping(LOW, function="other"), [("mapping", LOW)]),
        (
            replace(SOUND, alarms=tuple(one for one in SOUND.alarms if one.queue != LOW)),
            [("age_alarm", LOW)],
        ),
        (replace(SOUND, lanes={**SOUND.lanes, "low": None}), [("queue", LOW)]),
    ],
)
def test_flaw_of_a_lane_is_found_on_its_queue(
    deployed: DeployedJobType, findings: list[tuple[str, str]]
) -> None:
    assert broken(deployed) == findings


def test_flaw_of_the_dead_letters_is_told_once() -> None:
    assert SOUND.dead_letters is not None
    plain = replace(SOUND.dead_letters, is_encrypted=False, allows=(ADDRESS.queue,))

    found = broken(replace(SOUND, dead_letters=plain))

    dead = ADDRESS.dead_letters
    assert sorted(found) == [("encryption", dead), ("redrive_allow_policy", dead)]


def checks(deployed: DeployedJobType, queue: InMemoryQueue | None = None) -> Mapping[str, Check]:
    clock = FakeClock()
    health = StageHealth(
        platform=InMemoryPlatform(job_types={"greet": deployed}),
        directory=DIRECTORY,
        queue=queue or InMemoryQueue(clock),
        pulses=InMemoryPulses(),
        settings=InMemorySettings(),
        clock=clock,
        figures=Figures(),
    )
    return {check.name: check for check in health.ready().checks}


def test_stage_is_ready_while_each_lane_is_read() -> None:
    assert checks(SOUND)["mapping greet"].ok

    unread = checks(with_mapping(LOW, state="Disabled"))["mapping greet"]

    assert not unread.ok
    assert unread.detail.endswith(f"nobody reads {LOW}")


def test_stage_is_not_ready_while_one_lanes_queue_is_silent() -> None:
    class Silent(InMemoryQueue):
        def waiting(self, address: str) -> int:
            if address == LOW:
                raise QueueUnavailableError("no answer")
            return 0

    assert not checks(SOUND, Silent(FakeClock()))["queue greet"].ok
