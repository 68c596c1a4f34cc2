"""The doctor's round: every rule, of every job type, and what it makes of that."""

from dataclasses import replace

import pytest

from tests.unit.operations.test_doctor import CORE, NOW, mapping, table
from workerless.flow.settings import NO_SETTINGS, Pause
from workerless.flow_ports import SettingsStore
from workerless.operations.doctor.examination import Doctor
from workerless.operator_ports import SearchStore
from workerless.states import State
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import FakeClock, InMemoryDirectory, InMemoryStore
from workerless.testing.platform import InMemoryPlatform
from workerless.testing.pulse import InMemoryPulses
from workerless.testing.sample import a_record
from workerless.testing.schedule.scheduler import InMemoryPlans


def a_doctor(
    platform: InMemoryPlatform,
    *unasked: str,
    settings: SettingsStore | None = None,
    store: SearchStore | None = None,
) -> Doctor:
    pulses, clock = InMemoryPulses(), FakeClock()
    pulses.beat(clock.now())
    return Doctor(
        platform=platform,
        directory=InMemoryDirectory(["greet", "other"]),
        pulses=pulses,
        settings=settings or InMemorySettings(),
        store=store or InMemoryStore(clock),
        plans=InMemoryPlans(),
        clock=clock,
        unasked=frozenset(unasked),
    )


def test_doctor_looks_at_everything_and_tells_of_each() -> None:
    seen: list[str] = []

    diagnosis = a_doctor(InMemoryPlatform()).examine(seen=seen.append)

    assert (diagnosis.findings, diagnosis.is_broken) == ((), False)
    assert (diagnosis.job_types, seen) == (("greet", "other"), ["core", "greet", "other"])


def test_what_is_broken_comes_before_advice() -> None:
    platform = InMemoryPlatform(
        shared=replace(CORE, listeners=0), job_types={"greet": mapping(state="Disabled")}
    )

    diagnosis = a_doctor(platform).examine()

    assert [one.rule for one in diagnosis.findings] == ["mapping_enabled", "listeners"]
    assert diagnosis.is_broken


def test_mapping_of_a_paused_job_type_is_off_on_purpose() -> None:
    platform = InMemoryPlatform(job_types={"greet": mapping(state="Disabled")})
    settings = InMemorySettings()
    settings.save("greet", NO_SETTINGS.with_pause(Pause(by="ada", at=NOW, why="tax day")))

    diagnosis = a_doctor(platform, settings=settings).examine()

    assert [(one.rule, one.on) for one in diagnosis.findings] == [("paused", "greet")]
    assert "by ada" in diagnosis.findings[0].wrong
    assert not diagnosis.is_broken


def test_pause_of_a_tenant_is_told_with_the_command_that_ends_it() -> None:
    settings = InMemorySettings()
    pause = Pause(by="ada", at=NOW, why="floods us", tenant="acme")
    settings.save("greet", NO_SETTINGS.with_pause(pause))

    (finding,) = a_doctor(InMemoryPlatform(), settings=settings).examine().findings

    assert finding.fix.startswith("workerless queues resume greet --tenant acme, ")


def test_advice_alone_breaks_nothing() -> None:
    diagnosis = a_doctor(InMemoryPlatform(shared=replace(CORE, listeners=0))).examine()

    assert ([one.rule for one in diagnosis.findings], diagnosis.is_broken) == (["listeners"], False)


def test_rule_that_says_nothing_somewhere_is_not_asked_there() -> None:
    platform = InMemoryPlatform(shared=table(is_recoverable=False, expires_by=None))

    diagnosis = a_doctor(platform, "recovery").examine()

    assert [one.rule for one in diagnosis.findings] == ["time_to_live"]
    assert diagnosis.unasked == ("recovery",)


@pytest.mark.parametrize(
    ("completed", "failed", "found"),
    [
        (18, 2, []),
        (17, 3, [("failure_ratio", "greet")]),
        (0, 11, [("failure_ratio", "greet")]),
        (0, 10, []),
        (0, 0, []),
    ],
)
def test_job_type_of_which_more_than_a_tenth_fails_is_told_of(
    completed: int, failed: int, found: list[tuple[str, str]]
) -> None:
    store = InMemoryStore(FakeClock())
    for state, number in ((State.COMPLETED, completed), (State.FAILED, failed)):
        store.put_many(
            [a_record(f"{state}-{n}", state=state, job_type="greet") for n in range(number)]
        )

    diagnosis = a_doctor(InMemoryPlatform(), store=store).examine()

    assert [(one.rule, one.on) for one in diagnosis.findings] == found
    assert not diagnosis.is_broken
