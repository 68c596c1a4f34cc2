"""The lane that a worker is at: that of the queue which its messages came from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workerless import naming
from workerless.execution.runtime import Ports
from workerless.flow.lanes import Lanes


def at_lane(ports: Ports, lanes: Lanes, records: Sequence[Mapping[str, Any]]) -> Ports:
    """``ports`` with the queue of ``records``, which are of one: a mapping reads one queue.

    The queues of a job type differ in the last part of their addresses, which is their name.
    """
    if not records:
        return ports
    name = str(records[0]["eventSourceARN"]).rpartition(":")[2]
    before, slash, _ = ports.queue_address.rpartition("/")
    lane = naming.lane_in(name) or lanes.default
    return replace(ports, queue_address=f"{before}{slash}{name}", lane=lane)
