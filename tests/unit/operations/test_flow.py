"""Pause and resume: what is kept, what is switched, who is told, and what the operator mends."""

from dataclasses import replace as changed
from datetime import timedelta

import pytest

from tests.unit.operations.ward import LOOSE, Ward
from workerless.errors import (
    JobStateError,
    OperationRefusedError,
    UnknownJobTypeError,
    WaitTimeoutError,
)
from workerless.flow.settings import FlowSettings
from workerless.operations.switching import keep_switched
from workerless.testing.platform import InMemoryPlatform

HOUR = timedelta(hours=1)


def audited(ward: Ward) -> list[tuple[str, str, str, str | None, str | None]]:
    entries = reversed(ward.operations.audit.list().items)
    return [(one.by, one.verb, one.on, one.why, one.outcome) for one in entries]


def test_paused_job_type_is_switched_off_until_it_is_resumed(ward: Ward) -> None:
    pause = ward.operations.flow.pause("visit", why="tax day")

    assert ward.mapping.state == "Disabled"
    assert ward.operations.flow.settings("visit").pauses == (pause,)
    assert (pause.by, pause.at, pause.why) == ("ada", ward.clock.now(), "tax day")
    assert ward.operations.flow.resume("visit", why="over") == pause
    assert ward.mapping.state == "Enabled"
    assert ward.operations.flow.settings("visit") == FlowSettings(version=3)
    assert audited(ward) == [
        ("ada", "pause", "visit", "tax day", "done"),
        ("ada", "resume", "visit", "over", "done"),
    ]


def test_pause_of_a_tenant_leaves_the_mapping_on(ward: Ward) -> None:
    ward.operations.flow.pause("visit", why="floods us", tenant="acme")

    settings = ward.operations.flow.settings("visit")
    assert (ward.mapping.state, settings.is_off) == ("Enabled", False)
    assert settings.paused(ward.clock.now(), tenant="acme")
    assert not settings.paused(ward.clock.now(), tenant="globex")
    ward.operations.flow.resume("visit", tenant="acme")
    assert audited(ward)[-1][1:3] == ("resume", "visit tenant acme")


def test_pause_whose_time_is_over_ends_by_itself_and_is_in_the_audit(ward: Ward) -> None:
    ward.operations.flow.pause("visit", why="tax day", until=ward.clock.now() + HOUR)
    ward.operations.flow.pause(
        "visit", why="floods us", tenant="acme", until=ward.clock.now() + HOUR
    )
    ward.clock.advance(HOUR)

    keep_switched(ward.desk)

    assert ward.mapping.state == "Enabled"
    (settings,) = ward.desk.settings.read_many(["visit"])
    assert (settings.pauses, settings.is_off) == ((), False)
    why = "its time was over; paused by ada: "
    assert audited(ward)[-2:] == [
        ("workerless", "resume", "visit", f"{why}tax day", "done"),
        ("workerless", "resume", "visit tenant acme", f"{why}floods us", "done"),
    ]
    assert keep_switched(ward.desk) == 0


def test_pause_is_there_before_its_time_is_over(ward: Ward) -> None:
    ward.operations.flow.pause("visit", why="tax day", until=ward.clock.now() + HOUR)
    ward.clock.advance(HOUR - timedelta(seconds=1))

    assert keep_switched(ward.desk) == 1
    assert ward.mapping.state == "Disabled"


def test_what_is_not_paused_cannot_be_resumed(ward: Ward) -> None:
    ward.operations.flow.pause("visit", why="floods us", tenant="acme")

    with pytest.raises(JobStateError, match="visit is not paused"):
        ward.operations.flow.resume("visit")
    with pytest.raises(JobStateError, match="visit tenant globex is not paused"):
        ward.operations.flow.resume("visit", tenant="globex")
    assert audited(ward)[-1][-1] == "refused: JobStateError"


def test_pause_that_cannot_be_is_refused(ward: Ward) -> None:
    flow, now = ward.operations.flow, ward.clock.now()

    with pytest.raises(UnknownJobTypeError):
        flow.pause("nobody", why="x")
    with pytest.raises(OperationRefusedError, match="why must be 1 to 500"):
        flow.pause("visit", why=" ")
    with pytest.raises(OperationRefusedError, match="until must be later than now"):
        flow.pause("visit", why="x", until=now)
    with pytest.raises(OperationRefusedError, match="tenant must match"):
        flow.pause("visit", why="x", tenant="")
    assert ward.desk.settings.read_many(["visit"]) == [FlowSettings()]
    assert audited(ward) == []


def test_tenant_of_untracked_jobs_cannot_be_paused() -> None:
    flow = Ward(LOOSE).operations.flow

    with pytest.raises(OperationRefusedError, match="with tracking off"):
        flow.pause("visit", why="x", tenant="acme")
    assert flow.pause("visit", why="x").tenant is None


def test_drain_of_a_paused_job_type_waits_for_what_is_active_only(ward: Ward) -> None:
    ward.stage.client.enqueue(ward.job_type, ward.payload(1))
    ward.operations.flow.pause("visit", why="tax day")

    depth = ward.operations.queues.drain("visit", timeout=HOUR)

    assert (depth.waiting, depth.in_flight) == (1, 0)


def test_drain_of_a_paused_job_type_waits_until_lambda_has_let_go_of_its_queue(ward: Ward) -> None:
    ward.operations.flow.pause("visit", why="migration 42")
    platform = ward.desk.platform
    assert isinstance(platform, InMemoryPlatform)
    off = platform.job_types["visit"]
    (mapping,) = off.mappings
    # As for up to a minute on AWS: what it still receives is run.
    platform.job_types["visit"] = changed(off, mappings=(changed(mapping, state="Disabling"),))

    with pytest.raises(WaitTimeoutError, match="its mapping is not off yet"):
        ward.operations.queues.drain("visit", timeout=timedelta(minutes=1))
    platform.job_types["visit"] = off

    assert ward.operations.queues.drain("visit", timeout=HOUR).in_flight == 0


def test_figures_and_health_tell_of_pauses_in_force(ward: Ward) -> None:
    ward.desk.pulses.beat(ward.clock.now())
    pause = ward.operations.flow.pause("visit", why="tax day", until=ward.clock.now() + HOUR)

    (visit,) = ward.operations.health.report().queues
    checks = {one.name: one for one in ward.operations.health.ready().checks}
    assert ward.operations.queues.stats("visit").pauses == (pause,)
    assert (visit.pauses, visit.is_running, visit.is_healthy) == ((pause,), False, True)
    assert checks["mapping visit"].ok
    assert checks["mapping visit"].detail == "paused, Disabled"

    ward.clock.advance(HOUR)
    assert ward.operations.queues.stats("visit").pauses == ()
    (late,) = ward.operations.health.report().queues
    assert (late.pauses, late.is_healthy) == ((), False)
