"""The sweeper's word on what is paused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from workerless.errors import StoreUnavailableError
from workerless.execution.pause_sweep import tell_pauses
from workerless.flow.settings import STAGE, FlowSettings, Pause
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import RecordingTelemetry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAUSE = Pause(by="ana", at=NOW, why="bad release")


def told(*pauses: Pause, of: str = "greet") -> list[str]:
    settings, telemetry = InMemorySettings(), RecordingTelemetry()
    settings.save(of, FlowSettings(pauses=pauses))

    tell_pauses(["greet", "post"], settings, NOW, telemetry)

    return [f"{line['event']} {line['job_type']}" for line in telemetry.transitions]


@pytest.mark.parametrize(
    "pause",
    [
        pytest.param(PAUSE, id="whole"),
        pytest.param(
            Pause(by="ana", at=NOW, why="x", until=NOW + timedelta(seconds=1)), id="for a while"
        ),
    ],
)
def test_what_is_paused_is_told(pause: Pause) -> None:
    assert told(pause) == ["queue.paused greet"]


def test_lanes_that_are_paused_are_told_each_and_not_beside_all() -> None:
    high, low = (Pause(by="ana", at=NOW, why="x", lane=name) for name in ("high", "low"))
    settings, telemetry = InMemorySettings(), RecordingTelemetry()
    settings.save("greet", FlowSettings(pauses=(low, high)))

    tell_pauses(["greet", "post"], settings, NOW, telemetry)

    assert telemetry.transitions == [
        {"event": "lane.paused", "job_type": "greet", "lane": "high"},
        {"event": "lane.paused", "job_type": "greet", "lane": "low"},
    ]
    assert told(low, PAUSE) == ["queue.paused greet"]


@pytest.mark.parametrize(
    "pause",
    [
        pytest.param(Pause(by="ana", at=NOW, why="x", until=NOW), id="over"),
        pytest.param(Pause(by="ana", at=NOW, why="x", until=NOW, lane="high"), id="a lane's over"),
        pytest.param(
            Pause(by="ana", at=NOW, why="x", tenant="acme", lane="high"), id="one tenant in a lane"
        ),
        pytest.param(Pause(by="ana", at=NOW, why="x", tenant="acme"), id="one tenant"),
    ],
)
def test_what_moves_on_is_not(pause: Pause) -> None:
    assert told(pause) == []


def test_a_stage_that_is_paused_is_told_of_each_job_type() -> None:
    assert told(PAUSE, of=STAGE) == ["queue.paused greet", "queue.paused post"]


def test_a_store_that_does_not_answer_holds_up_no_sweep() -> None:
    class Silent(InMemorySettings):
        def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
            raise StoreUnavailableError("no answer")

    telemetry = RecordingTelemetry()

    tell_pauses(["greet"], Silent(), NOW, telemetry)

    assert telemetry.transitions == []
    assert [one.event for one in telemetry.troubles] == ["store_unavailable"]
