"""The composition root of the publisher: a Lambda function that tells a bus what jobs do.

It reads the table's stream, so whoever changes a record need not know of it: a change is told after
it was written, at least once, those of a job in order. A bus that does not answer holds up nothing
but this.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workerless.environment import EVENT_BUS, JOB_CHANGES, SweeperEnvironment
from workerless.errors import RecordUnreadableError
from workerless.execution.response import BatchResponse, batch_response
from workerless.lifecycle_event import JobChange, change, job_event
from workerless.lifecycle_ports import Announcement, EventBus
from workerless.ports import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """The world of the publisher. ``kinds`` are the changes that the bus is told of."""

    bus: EventBus
    telemetry: Telemetry
    stage: str
    kinds: frozenset[JobChange]


class PublisherFunction:
    """Call it with an event of the table's stream and a context."""

    def __init__(self) -> None:
        self._world: Publishing | None = None

    def __call__(self, event: Mapping[str, Any], context: object) -> BatchResponse:
        del context
        self._world = self._world or publishing_in(os.environ)
        return publish_all(event["Records"], self._world)


def publish_all(records: Sequence[Mapping[str, Any]], world: Publishing) -> BatchResponse:
    """Tell the bus; Lambda comes again with the first that it did not take, and all after it."""
    told = [
        (one["dynamodb"]["SequenceNumber"], announcement)
        for one in records
        if (announcement := _announcement(one, world)) is not None
    ]
    taken = world.bus.put_many([announcement for _, announcement in told])
    left = [number for number, _ in told[taken : taken + 1]]
    return batch_response([one["dynamodb"]["SequenceNumber"] for one in records], left)


def _announcement(entry: Mapping[str, Any], world: Publishing) -> Announcement | None:
    """None of what is no job's record, and of what nobody wants to hear."""
    from workerless.aws.item import to_record  # noqa: PLC0415 -- only the function needs it

    images = entry["dynamodb"]
    try:
        after = to_record(images["NewImage"])
        before = to_record(images["OldImage"]) if "OldImage" in images else None
    except (KeyError, RecordUnreadableError) as error:
        # It would be no more readable the next time, and hold up all others.
        world.telemetry.trouble("stream_unreadable", error, sequence=images.get("SequenceNumber"))
        return None
    kind = change(before, after)
    if kind is None or kind not in world.kinds:
        return None
    return Announcement(kind=kind, event=job_event(kind, after, stage=world.stage))


def publishing_in(variables: Mapping[str, str]) -> Publishing:
    """The AWS adapters of the publisher."""
    from workerless.aws.bus import EventBridgeBus  # noqa: PLC0415 -- as workers do
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415

    here = SweeperEnvironment.read(variables)
    telemetry = PowertoolsTelemetry(f"workerless-{here.stage}")
    return Publishing(
        bus=EventBridgeBus(AwsClients().events, variables[EVENT_BUS], telemetry),
        telemetry=telemetry,
        stage=here.stage,
        kinds=frozenset(JobChange(one) for one in variables[JOB_CHANGES].split(",")),
    )
