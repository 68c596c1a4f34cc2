"""The doubles of one stage on one clock, and what the library builds over them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from workerless.batching import Batching
from workerless.client import Client
from workerless.execution.gate import Gate
from workerless.execution.gating import gates_of, tenant_gates_of
from workerless.execution.marking import Marking
from workerless.execution.runtime import Ports
from workerless.execution.schedule_sweep import ScheduleSweeper
from workerless.execution.sweep import Sweeper
from workerless.execution.ticking import Ticking
from workerless.execution.workflow_sweep import WorkflowSweeper
from workerless.hidden import hidden_in
from workerless.job_type import JobType
from workerless.orchestration.world import Orchestra
from workerless.orders import Orders
from workerless.outbox import Outbox
from workerless.planned import plan_of
from workerless.ports import Clock
from workerless.schedule.plan import Plan
from workerless.testing.blobs import InMemoryBlobs
from workerless.testing.clock import FakeClock
from workerless.testing.crash import MortalStore
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.events import InMemoryEvents
from workerless.testing.flow.stores import InMemoryFlow
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.heartbeats import InMemoryHeartbeats
from workerless.testing.inline import TellingQueue
from workerless.testing.ledger import InMemoryLedger
from workerless.testing.schedule.scheduler import InMemoryPlans, InMemoryScheduler
from workerless.testing.schedule.stands import InMemoryStands
from workerless.testing.telemetry import RecordingTelemetry
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.client_schedules import ClientSchedules

_SWEEP = timedelta(seconds=50)


class Doubles:
    """Queues are as each job type's stack would make them. Ids and dice are the same each time."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.store = MortalStore(clock)
        self.unique = InMemoryUniqueStore(self.store)
        self.events = InMemoryEvents(self.store, clock)
        self.queue = TellingQueue(clock)
        self.blobs = InMemoryBlobs(clock)
        self.directory = InMemoryDirectory()
        self.flow = InMemoryFlow(clock, self.store)
        self.stands, self.plans = InMemoryStands(), InMemoryPlans()
        self.scheduler = InMemoryScheduler()
        self._seen: dict[str, Plan] = {}
        self.telemetry = RecordingTelemetry()
        self.job_types: dict[str, JobType[Any, Any]] = {}
        self._ids, self._tokens, self._rng = count(1), count(1), Random(7)

    def add(self, job_type: JobType[Any, Any]) -> None:
        """Deploy ``job_type``: its queue, its dead letters and its entry in the directory."""
        self.job_types[job_type.name] = job_type
        address = self.directory.add(
            job_type.name,
            job_type.tracking,
            job_type.lanes,
            hidden_in(job_type.payload, job_type.result, job_type.version),
        )
        for queue in address.queues:
            self.queue.redrive(
                queue,
                dead_letters=address.dead_letters,
                max_receives=job_type.max_receive_count,
                visibility=job_type.visibility_timeout,
            )

        for schedule in job_type.schedules:
            plan = plan_of(job_type, schedule)
            self.plans.declared[plan.schedule_id] = plan

    def new_id(self) -> str:
        return f"job-{next(self._ids)}"

    def client(self, clock: Clock | None = None) -> Client:
        return Client(
            store=self.store,
            unique=self.unique,
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=clock or self.clock,
            events=self.events,
            new_id=self.new_id,
            schedules=partial(self._schedules, clock or self.clock),
            orchestra=lambda: replace(self.orchestra(), clock=clock or self.clock),
        )

    def _schedules(self, clock: Clock) -> "ClientSchedules":
        from workerless.client_schedules import ClientSchedules, ServiceDesk  # noqa: PLC0415 -- few

        entries = count(1)
        return ClientSchedules(
            ServiceDesk(
                store=self.store,
                ledger=InMemoryLedger(),
                queue=self.queue,
                directory=self.directory,
                clock=clock,
                telemetry=self.telemetry,
                stands=self.stands,
                scheduler=self.scheduler,
                by=lambda: "test",
                new_id=lambda: f"entry-{next(entries):06d}",
            )
        )

    def ports(self, job_type: str) -> Ports:
        """The world of one worker. Raises ``UnknownJobTypeError``."""
        address = self.directory.find(job_type)
        return Ports(
            store=self.store,
            queue=self.queue,
            blobs=self.blobs,
            clock=self.clock,
            telemetry=self.telemetry,
            rng=self._rng,
            new_token=lambda: f"token-{next(self._tokens)}",
            queue_address=address.queue,
            dead_letters=address.dead_letters,
            gates=gates_of(self.job_types[job_type], self.flow),
            tenant_gates=self._tenant_gates(self.job_types[job_type]),
            events=lambda: self.events,
            marking=lambda: Marking(containers=self.store.containers, orders=self.orders()),
            batching=self.batching,
            heartbeats=lambda: InMemoryHeartbeats(self.store),
        )

    def batching(self) -> Batching:
        """What adds to batches."""
        return Batching(
            containers=self.store.containers,
            store=self.store,
            blobs=self.blobs,
            outbox=Outbox(
                store=self.store,
                unique=self.unique,
                queue=self.queue,
                directory=self.directory,
                blobs=self.blobs,
                clock=self.clock,
                events=self.events,
            ),
            orders=self.orders(),
            clock=self.clock,
            new_id=self.new_id,
        )

    def orders(self) -> Orders:
        """How the orchestrator is told."""
        return Orders(queue=self.queue, address="workflows")

    def orchestra(self) -> Orchestra:
        """The world of the orchestrator."""
        return Orchestra(
            containers=self.store.containers,
            store=self.store,
            blobs=self.blobs,
            queue=self.queue,
            directory=self.directory,
            orders=self.orders(),
            clock=self.clock,
            telemetry=self.telemetry,
            has_time=lambda: True,
        )

    def _tenant_gates(self, job_type: JobType[Any, Any]) -> Callable[[], tuple[Gate, ...]]:
        if job_type.tracking is Tracking.OFF:
            return tuple
        return partial(tenant_gates_of, job_type, self.flow)

    def sweeper(self) -> Sweeper:
        """A sweeper that has until now to start its work, as on Lambda."""
        return Sweeper(
            store=self.store,
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
            telemetry=self.telemetry,
            until=self.clock.now() + _SWEEP,
            settings=self.flow.settings,
        )

    def workflow_sweeper(self) -> WorkflowSweeper:
        """The same that looks at batches and workflows."""
        return WorkflowSweeper(
            containers=self.store.containers,
            store=self.store,
            orders=self.orders(),
            clock=self.clock,
            telemetry=self.telemetry,
            until=self.clock.now() + _SWEEP,
        )

    def ticking(self) -> Ticking:
        """The world of who takes the ticks of schedules."""
        return Ticking(
            stands=self.stands,
            store=self.store,
            queue=self.queue,
            directory=self.directory,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def schedule_sweeper(self) -> ScheduleSweeper:
        """That of a sweeper that looks at schedules."""
        return ScheduleSweeper(
            ticking=self.ticking(),
            plans=self.plans,
            scheduler=self.scheduler,
            seen=self._seen,
            until=self.clock.now() + _SWEEP,
        )
