"""A directory of job types that a test names."""

from collections.abc import Iterable
from dataclasses import replace

from workerless import naming
from workerless.errors import UnknownJobTypeError
from workerless.flow.autoscale import Scale
from workerless.flow.lanes import Lanes
from workerless.hidden import Hidden
from workerless.ports import Address
from workerless.tracking import Tracking


class InMemoryDirectory:
    """The job types named, each with queues that are called as they would be on AWS."""

    def __init__(self, job_types: Iterable[str] = (), *, stage: str = "test") -> None:
        self._stage = stage
        self._addresses = {name: _address(stage, name) for name in sorted(job_types)}

    def add(
        self,
        job_type: str,
        tracking: Tracking = Tracking.FULL,
        lanes: Lanes | None = None,
        hidden: Hidden | None = None,
    ) -> Address:
        """Publish one more."""
        address = _address(self._stage, job_type)
        queues = (
            {
                lane: address.queue
                if lane == lanes.default
                else naming.lane_queue(self._stage, job_type, lane)
                for lane in lanes.weights
            }
            if lanes
            else {}
        )
        address = replace(address, tracking=tracking, lanes=queues, hidden=hidden)
        return self._addresses.setdefault(job_type, address)

    def run_in_containers(self, job_type: str) -> None:
        """As a deployment does whose stage says so."""
        self._addresses[job_type] = replace(self._addresses[job_type], in_containers=True)

    def scale(self, job_type: str, scale: Scale) -> None:
        """As the stack of a job type with an ``autoscale`` publishes it."""
        self._addresses[job_type] = replace(self._addresses[job_type], scale=scale)

    def run_in_pool(self, function: str, *job_types: str) -> None:
        """As a deployment does whose stage has a pool of these."""
        for one in job_types:
            self._addresses[one] = replace(self._addresses[one], function=function)

    def find(self, job_type: str) -> Address:
        """Raises ``UnknownJobTypeError`` naming what there is."""
        if job_type not in self._addresses:
            there_is = ", ".join(self._addresses) or "none"
            raise UnknownJobTypeError(f"no job type {job_type!r}; there is: {there_is}")
        return self._addresses[job_type]

    def all(self) -> list[Address]:
        return list(self._addresses.values())


def _address(stage: str, job_type: str) -> Address:
    return Address(
        job_type=job_type,
        queue=naming.resource(stage, job_type),
        dead_letters=naming.dead_letter_queue(stage, job_type),
        function=naming.resource(stage, job_type),
    )
