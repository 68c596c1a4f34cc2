"""The composition root of the sweeper: a Lambda function, one run over everything a call."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from workerless import naming
from workerless.due import SHARDS
from workerless.environment import ALERT_JOB_TYPES, ALERT_LINK, ALERT_TOPIC, SweeperEnvironment
from workerless.errors import StoreUnavailableError
from workerless.execution.letter_step import Deed
from workerless.execution.letter_sweep import sweep_letters
from workerless.execution.pause_sweep import tell_pauses
from workerless.execution.schedule_repair import repair
from workerless.execution.schedule_sweep import ScheduleSweeper, sweep_schedules
from workerless.execution.sweep import Sweeper, Swept, sweep
from workerless.execution.ticking import Ticking
from workerless.execution.workflow_sweep import WorkflowSweeper, sweep_workflows
from workerless.flow_ports import SettingsStore
from workerless.frozen import replace
from workerless.orders import Orders
from workerless.ports import Address, Blobs, Clock, Directory, Queue, Store, Telemetry
from workerless.pulse import Pulses
from workerless.schedule.plan import Plan
from workerless.schedule_ports import Plans, Scheduler, StandStore

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients
    from workerless.spread import Spread

# What is left for the page in hand when time is up.
_MARGIN = timedelta(seconds=10)
# However many jobs are due, dead letters are not forgotten.
_FOR_LETTERS = timedelta(seconds=20)
# Nor are people, however many dead letters there are.
_FOR_ALERTS = timedelta(seconds=8)
# After an outage thousands of schedules may have missed ticks: jobs that are due come first.
_FOR_SCHEDULES = timedelta(seconds=30)


class LambdaContext(Protocol):
    """What the sweeper needs of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int: ...


class SweeperFunction:
    """Call it with any event: what there is to do stands in the table."""

    def __init__(self) -> None:
        self._world: World | None = None

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
        """How many jobs were due, sent and could not be sent, and what became of dead letters."""
        del event
        self._world = self._world or World(SweeperEnvironment.read(os.environ))
        return self._world.sweep(timedelta(milliseconds=context.get_remaining_time_in_millis()))


class World:
    """The AWS adapters of a sweeper, kept from call to call."""

    def __init__(self, here: SweeperEnvironment) -> None:
        # AWS clients take 100 ms to import: only a sweeper pays, never who imports its handler.
        from workerless.aws.clock import SystemClock  # noqa: PLC0415
        from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415
        from workerless.aws.flow.settings import DynamoSettings  # noqa: PLC0415
        from workerless.aws.pulse import DynamoPulses  # noqa: PLC0415
        from workerless.aws.s3 import S3Blobs  # noqa: PLC0415
        from workerless.aws.schedule.stands import DynamoStands  # noqa: PLC0415
        from workerless.aws.session import AwsClients  # noqa: PLC0415
        from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
        from workerless.aws.table import Table  # noqa: PLC0415
        from workerless.spread import at_once  # noqa: PLC0415

        clients = AwsClients()
        self._spread: Spread = at_once
        self.clock: Clock = SystemClock()
        self.store: Store = DynamoStore(clients.dynamodb, here.table, self.clock)
        self._table = table = Table(clients.dynamodb, here.table, self.clock)
        self.pulses: Pulses = DynamoPulses(table)
        self.stands: StandStore = DynamoStands(table)
        self.scheduler: Scheduler = _scheduler(clients, here, self.clock)
        self.settings: SettingsStore = DynamoSettings(table)
        self.rng = Random()
        self.queue: Queue = SqsQueue(clients.sqs, clock=self.clock, rng=self.rng)
        self.blobs: Blobs = S3Blobs(lambda: clients.s3, lambda: here.bucket, self.clock)
        self.stage, self.telemetry, self._clients = here.stage, _telemetry(here), clients
        self.directory = _directory(clients, here, self.telemetry)
        self.plans, self._plans_seen = _plans(clients, here, self.telemetry), dict[str, Plan]()

    def sweep(self, time_left: timedelta) -> dict[str, int]:
        """One run over all shards and all dead letters, within the time that is left."""
        now = self.clock.now()
        end = now + time_left - _MARGIN
        schedules = self._schedule_sweeper(until=min(end - _FOR_LETTERS, now + _FOR_SCHEDULES))
        looked = sweep_schedules(schedules)
        jobs = self._sweeper(until=end - _FOR_LETTERS)
        # At once: 100,000 jobs that are due in one minute take tens of thousands of calls.
        swept = sum(self._spread(lambda shard: sweep(shard, jobs), range(SHARDS)), Swept())
        addresses = self.directory.all()
        tell_pauses([one.job_type for one in addresses], self.settings, now, self.telemetry)
        flows = self._sweep_workflows(addresses, until=end - _FOR_LETTERS)
        deeds = self._sweep_letters(addresses, self._sweeper(until=end - _FOR_ALERTS))
        self._alert(until=end)
        self._beat()
        # The last: Scheduler may take long to tell all that it has, or to tell nothing.
        repair(replace(schedules, until=end))
        found = {"due": swept.due, "sent": swept.sent, "failed": swept.failed}
        found |= {"schedules": looked, "workflows": flows}
        found |= {deed.value: deeds[deed] for deed in Deed}
        self.telemetry.transition({"event": "sweep.done", **found})
        return found

    def _alert(self, *, until: datetime) -> None:
        """Tell people of failed jobs, where the stage wants that."""
        topic = os.environ.get(ALERT_TOPIC)
        if not topic:
            return
        from workerless.alert_ports import Alerting  # noqa: PLC0415 -- most stages do not
        from workerless.aws.alert import DynamoMark, DynamoRows, SnsTopic  # noqa: PLC0415
        from workerless.execution.failure_alert import tell_failures  # noqa: PLC0415

        world = Alerting(
            rows=DynamoRows(self._table, self.clock),
            mark=DynamoMark(self._table),
            topic=SnsTopic(self._clients.sns, topic, self.telemetry),
            directory=self.directory,
            clock=self.clock,
            telemetry=self.telemetry,
            stage=self.stage,
            job_types=tuple(filter(None, os.environ.get(ALERT_JOB_TYPES, "").split(","))),
            link=os.environ.get(ALERT_LINK),
        )
        tell_failures(world, until=until)

    def _beat(self) -> None:
        """After the work: what is seen alive has done it. A sweep is worth more than its mark."""
        try:
            self.pulses.beat(self.clock.now())
        except StoreUnavailableError as error:
            self.telemetry.trouble("heartbeat_lost", error)

    def _sweep_letters(self, addresses: list[Address], sweeper: Sweeper) -> Counter[Deed]:
        """In no order: a run that ends early leaves out others each time."""
        self.rng.shuffle(addresses)
        return sum((sweep_letters(address, sweeper) for address in addresses), Counter[Deed]())

    def _sweep_workflows(self, addresses: Sequence[Address], *, until: datetime) -> int:
        """Without a job type there is nobody to be a member."""
        if not addresses:
            return 0
        from workerless.aws.workflow.containers import DynamoContainers  # noqa: PLC0415 -- as above

        orders = naming.beside(addresses[0].queue, naming.workflows_queue(self.stage))
        sweeper = WorkflowSweeper(
            containers=DynamoContainers(self._table, self.clock),
            store=self.store,
            orders=Orders(queue=self.queue, address=orders),
            clock=self.clock,
            telemetry=self.telemetry,
            until=until,
        )
        return sum(self._spread(lambda shard: sweep_workflows(shard, sweeper), range(SHARDS)))

    def _schedule_sweeper(self, *, until: datetime) -> ScheduleSweeper:
        return ScheduleSweeper(
            ticking=Ticking(
                stands=self.stands,
                store=self.store,
                queue=self.queue,
                directory=self.directory,
                clock=self.clock,
                telemetry=self.telemetry,
            ),
            plans=self.plans,
            scheduler=self.scheduler,
            seen=self._plans_seen,
            until=until,
        )

    def _sweeper(self, *, until: datetime) -> Sweeper:
        return Sweeper(
            store=self.store,
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
            telemetry=self.telemetry,
            until=until,
            settings=self.settings,
        )


def _telemetry(here: SweeperEnvironment) -> Telemetry:
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415 -- as above

    return PowertoolsTelemetry(f"workerless-{here.stage}")


def _directory(clients: "AwsClients", here: SweeperEnvironment, telemetry: Telemetry) -> Directory:
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415 -- as above

    return SsmDirectory(
        clients.ssm,
        here.stage,
        on_broken=lambda error: telemetry.trouble("job_type_unreadable", error),
    )


def _scheduler(clients: "AwsClients", here: SweeperEnvironment, clock: Clock) -> Scheduler:
    from workerless.aws.schedule.scheduler import scheduler_of  # noqa: PLC0415 -- as above

    return scheduler_of(here.stage, clients, clock)


def _plans(clients: "AwsClients", here: SweeperEnvironment, telemetry: Telemetry) -> Plans:
    from workerless.aws.schedule.plans import SsmPlans  # noqa: PLC0415 -- as above

    return SsmPlans(
        clients.ssm,
        here.stage,
        on_broken=lambda error: telemetry.trouble("schedule_unreadable", error),
    )
