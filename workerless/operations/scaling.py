"""The bounds of job types with an ``autoscale``, moved once a minute by the operator function.

A deployment begins at the least; so does one that takes the ``autoscale`` away begin anew, with the
declared concurrency. While the operator function does not run the bound stays where it is.
"""

from datetime import datetime, timedelta

from workerless.deployed import MappingFacts
from workerless.errors import WorkerlessError
from workerless.flow.autoscale import Scale
from workerless.operations.desk import Desk
from workerless.ports import Address

# Lambda refuses to change a mapping that is just changing; what is off has no need of a bound.
_SETTLED = "Enabled"


def keep_scaled(desk: Desk) -> int:
    """See to every job type once; how many bounds were moved. What fails is told, and tried again.

    Raises ``WorkerlessError`` where the stage cannot be read.
    """
    moved = 0
    for address in desk.directory.all():
        if address.scale is None or address.in_containers:
            continue
        try:
            moved += _scaled(address, address.scale, desk)
        except WorkerlessError as error:
            desk.telemetry.trouble("not_scaled", error, job_type=address.job_type)
    return moved


def _scaled(address: Address, scale: Scale, desk: Desk) -> int:
    mappings = [one for one in desk.platform.mappings(address) if one.state == _SETTLED]
    return sum(_moved(one, address, scale, desk) for one in mappings)


def _moved(mapping: MappingFacts, address: Address, scale: Scale, desk: Desk) -> bool:
    present = mapping.max_concurrency
    if present is None:
        return False
    depth = desk.queue.depth(address.queue)
    # Messages hidden until their next attempt look like those in hand, of which there cannot be
    # more than this.
    running = min(depth.in_flight, present * mapping.batch_size)
    unfinished = depth.waiting + running
    oldest = desk.platform.oldest(mapping.queue) if scale.rule.older_than else None
    bound = scale.bound(
        present,
        unfinished=unfinished,
        oldest=oldest,
        unchanged=_unchanged(mapping, desk.clock.now()),
    )
    if bound == present:
        return False
    desk.platform.bound(mapping, bound)
    desk.telemetry.transition(
        {
            "event": "autoscale.moved",
            "job_type": address.job_type,
            "was": present,
            "bound": bound,
            "unfinished": unfinished,
            **({} if oldest is None else {"oldest_s": int(oldest.total_seconds())}),
        }
    )
    return True


def _unchanged(mapping: MappingFacts, now: datetime) -> timedelta:
    return timedelta.max if mapping.changed_at is None else now - mapping.changed_at
