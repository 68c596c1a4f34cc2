"""Everything an operator can do, put together over one desk."""

from dataclasses import replace

from workerless.audit import AuditTrail
from workerless.operations.breakers import BreakerControl
from workerless.operations.bulk import BulkOperations
from workerless.operations.dead_letters import DeadJobs
from workerless.operations.desk import Desk
from workerless.operations.flow import FlowControl
from workerless.operations.groups import ErrorGroups
from workerless.operations.health import StageHealth
from workerless.operations.jobs import AllJobs
from workerless.operations.limits import LimitControl
from workerless.operations.queues import StageQueues
from workerless.operations.releases import ReleaseControl
from workerless.operations.service import Operations
from workerless.operations.workflows import StageWorkflows
from workerless.scheduling.control import ScheduleControl


def opened(desk: Desk) -> Operations:
    """The operations of whoever sits at ``desk``."""
    bulk = BulkOperations(desk)
    queues = StageQueues(
        store=desk.store,
        queue=desk.queue,
        settings=desk.settings,
        directory=desk.directory,
        clock=desk.clock,
        platform=desk.platform,
        bulk=bulk,
    )
    return Operations(
        dead=DeadJobs(desk),
        bulk=bulk,
        groups=ErrorGroups(desk),
        jobs=AllJobs(desk),
        queues=queues,
        flow=FlowControl(desk),
        limits=LimitControl(desk),
        breakers=BreakerControl(desk),
        schedules=ScheduleControl(desk),
        workflows=StageWorkflows(desk),
        audit=AuditTrail(desk),
        health=StageHealth(
            platform=desk.platform,
            directory=desk.directory,
            queue=desk.queue,
            pulses=desk.pulses,
            settings=desk.settings,
            clock=desk.clock,
            figures=queues,
            spread=desk.spread,
        ),
        releases=ReleaseControl(desk),
        acting_as=lambda by: opened(replace(desk, by=lambda: by)),
    )
