"""Pauses of lanes and tenants, and the jobs that these held back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.operations.ward import Ward
from workerless.errors import OperationRefusedError
from workerless.flow.lanes import Lanes
from workerless.ledger import Kind
from workerless.operations.opened import opened
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.platform import InMemoryPlatform, a_mapping

HOUR = timedelta(hours=1)


def test_lane_is_switched_off_alone(ward: Ward) -> None:
    directory, platform = InMemoryDirectory(), InMemoryPlatform()
    address = directory.add("visit", lanes=Lanes({"slow": 1, "fast": 2}, default="fast"))
    known = platform.job_type(address)
    both = tuple(
        a_mapping(queue, address.function, uuid=lane) for lane, queue in address.lanes.items()
    )
    platform.job_types["visit"] = replace(known, mappings=both)
    ward.desk = ward.at(directory=directory, platform=platform)
    flow = opened(ward.desk).flow

    def states() -> dict[str, str]:
        return {one.uuid: one.state for one in platform.mappings(address)}

    flow.pause("visit", why="x", lane="slow")
    assert states() == {"slow": "Disabled", "fast": "Enabled"}
    flow.pause("visit", why="x")
    assert states() == {"slow": "Disabled", "fast": "Disabled"}
    flow.resume("visit")
    assert states() == {"slow": "Disabled", "fast": "Enabled"}
    flow.resume("visit", lane="slow")
    assert states() == {"slow": "Enabled", "fast": "Enabled"}
    with pytest.raises(OperationRefusedError, match="one of visit's, slow, fast, got 'other'"):
        flow.pause("visit", why="x", lane="other")
    with pytest.raises(OperationRefusedError, match="lane or tenant must be None"):
        flow.pause("visit", why="x", lane="slow", tenant="acme")


def test_jobs_that_were_held_back_run_within_a_minute_of_the_resume(ward: Ward) -> None:
    ward.cure()
    for tenant in ("acme", "globex"):
        ward.operations.flow.pause("visit", why="floods us", tenant=tenant)
        for number in range(20):
            ward.stage.client.enqueue(ward.job_type, ward.payload(number), tenant=tenant)
    ward.stage.advance(10 * HOUR)
    assert ward.ran == []

    ward.operations.flow.resume("visit", tenant="acme")
    ward.drive()
    ward.stage.advance(HOUR / 60)

    assert sorted(ward.ran) == list(range(20))
    assert {record.tenant for record in ward.records() if not record.state.is_terminal} == {
        "globex"
    }
    (operation,) = ward.operations.bulk.list().items
    assert (operation.kind, operation.counts.done, operation.why) == (Kind.PROMOTE, 20, "resumed")
