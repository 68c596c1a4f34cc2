"""``client.schedules``: what a service does with schedules, by the same rules as people.

``client.schedules.put(send_report, Schedule("acme", Cron("0 9 * * *"), Report(...)))``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from workerless.job_type import JobType
from workerless.ledger import Ledger
from workerless.logged import LoggedTelemetry
from workerless.operator_ports import OperatorStore
from workerless.payload import Payload
from workerless.planned import plan_of
from workerless.ports import Clock, Directory, Queue, Telemetry
from workerless.schedule.schedule import Schedule
from workerless.schedule.stand import Pause, Stand
from workerless.schedule_ports import Scheduler, Stands, StandStore
from workerless.scheduling.control import ScheduleControl
from workerless.scheduling.desk import ScheduleDesk
from workerless.scheduling.dynamic import Kept

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients


class ClientSchedules:
    """The schedules of one stage. What names one raises ``ScheduleNotFoundError``."""

    def __init__(self, desk: ScheduleDesk) -> None:
        self._all = ScheduleControl(desk)

    def put[P: Payload](
        self, job_type: JobType[P, Any], schedule: Schedule[P], *, why: str | None = None
    ) -> Kept:
        """Make a schedule at run time, or have the one with its id be like that from now on.

        Its id, in ``stand.schedule_id``, comes from the job type, the schedule's name (any key) and
        its tenant. The same again costs one read. Raises ``UnknownJobTypeError``,
        ``DeclarationError`` and ``EnqueueRefusedError`` naming what does not fit,
        ``OperationRefusedError`` for what is never due, ``StoreUnavailableError`` (put it again),
        and ``PlatformUnavailableError`` where it is kept, and Scheduler did not answer: the sweeper
        tells it within a minute or two.
        """
        return self._all.put(plan_of(job_type, schedule, is_dynamic=True), why=why)

    def delete(self, schedule_id: str, *, why: str | None = None) -> None:
        """End one that was made at run time; what was started goes on.

        Raises ``OperationRefusedError`` for a declared one, and ``PlatformUnavailableError`` where
        it is gone, and Scheduler did not answer: its ticks do nothing.
        """
        self._all.delete(schedule_id, why=why)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Stands:
        """All schedules, the next to be looked at first. Raises ``CursorRefusedError``."""
        return self._all.list(limit=limit, cursor=cursor)

    def show(self, schedule_id: str) -> Stand:
        """How it stands: its plan, its last runs, its pause."""
        return self._all.show(schedule_id)

    def next(self, schedule_id: str, number: int) -> Sequence[datetime]:
        """Its next ticks, as if nobody paused it."""
        return self._all.next(schedule_id, number)

    def pause(self, schedule_id: str, *, why: str, until: datetime | None = None) -> Pause:
        """Have no tick run; what is paused misses nothing. Raises ``OperationRefusedError``."""
        return self._all.pause(schedule_id, why=why, until=until)

    def resume(self, schedule_id: str, *, why: str | None = None) -> Pause:
        """The pause that it ends. Raises ``JobStateError`` where there is none."""
        return self._all.resume(schedule_id, why=why)

    def run(self, schedule_id: str, *, why: str | None = None) -> str:
        """Enqueue its job now, whatever else runs; the job's id."""
        return self._all.run(schedule_id, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDesk:
    """What a service works with: less than an operator, who searches and switches, too."""

    store: OperatorStore
    ledger: Ledger
    queue: Queue
    directory: Directory
    clock: Clock
    telemetry: Telemetry
    stands: StandStore
    scheduler: Scheduler
    by: Callable[[], str]
    new_id: Callable[[], str]

    def declared(self, job_type: str) -> None:
        """A service hands declarations over; none is looked for."""


def service_schedules(stage: str, clients: "AwsClients", clock: Clock) -> ClientSchedules:
    """Those of a deployed stage. Whoever's credentials these are stands in the audit."""
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415 -- AWS: no test need pay
    from workerless.aws.invoking import caller  # noqa: PLC0415
    from workerless.aws.ledger import DynamoLedger  # noqa: PLC0415
    from workerless.aws.operator import DynamoOperatorStore  # noqa: PLC0415
    from workerless.aws.schedule.scheduler import scheduler_of  # noqa: PLC0415
    from workerless.aws.schedule.stands import DynamoStands  # noqa: PLC0415
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.naming import table  # noqa: PLC0415
    from workerless.spread import at_once  # noqa: PLC0415

    name = table(stage)
    return ClientSchedules(
        ServiceDesk(
            store=DynamoOperatorStore(clients.dynamodb, name, clock, spread=at_once),
            ledger=DynamoLedger(clients.dynamodb, name, clock),
            queue=SqsQueue(clients.sqs, clock=clock, rng=Random(), spread=at_once),
            directory=SsmDirectory(clients.ssm, stage),
            clock=clock,
            telemetry=LoggedTelemetry(),
            stands=DynamoStands(Table(clients.dynamodb, name, clock)),
            scheduler=scheduler_of(stage, clients, clock),
            by=cache(lambda: caller(clients)),
            new_id=lambda: f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:12]}",
        )
    )
