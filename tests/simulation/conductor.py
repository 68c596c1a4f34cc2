"""Who moves batches and workflows on, in a world that goes wrong: the library's own, mortal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.simulation.ground import Ground
from tests.simulation.history import Note, Raised
from tests.simulation.orchestra import always, orchestra_of, orders_of
from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_containers import RemoteContainers
from tests.simulation.remote_unique import RemoteUniqueStore
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World
from workerless.batching import Batching
from workerless.due import SHARDS
from workerless.errors import WorkerlessError
from workerless.execution import workflow_sweep
from workerless.orchestration.look import look
from workerless.orchestration.world import Orchestra
from workerless.orders import read_order
from workerless.outbox import Outbox

_REDELIVERY, _DELIVERIES = timedelta(seconds=30), 4


@dataclass(slots=True, kw_only=True)
class Conductor:
    """``containers`` are those of one process, ``has_time`` tells whether its time is not up."""

    ground: Ground
    containers: Callable[[Process], Any] = RemoteContainers
    has_time: Callable[[], bool] = always

    def start(self) -> None:
        """Have what is ordered delivered."""
        self.ground.on_order = self._deliver

    def process(self, name: str) -> Process:
        return Process(name=f"{name}-{self.ground.number()}", ground=self.ground)

    def orchestra(self, process: Process) -> Orchestra:
        return orchestra_of(process, containers=self.containers, has_time=self.has_time)

    def batching(self, process: Process) -> Batching:
        outbox = Outbox(
            store=RemoteStore(process),
            unique=RemoteUniqueStore(process),
            queue=RemoteQueue(process, sends_as="send"),
            directory=self.ground.directory(),
            blobs=RemoteBlobs(process),
            clock=process,
        )
        return Batching(
            containers=RemoteContainers(process),
            store=RemoteStore(process),
            blobs=RemoteBlobs(process),
            outbox=outbox,
            orders=orders_of(process),
            clock=process,
            new_id=lambda: f"job-{self.ground.number()}",
        )

    def sweep(self, world: World) -> None:
        """The library's sweeper, over jobs, letters and containers."""
        sweep_all(world)
        process = world.process("flow-sweeper")

        def body() -> None:
            for shard in range(SHARDS):
                workflow_sweep.sweep_workflows(shard, _sweeper(process))

        process.start(body)

    def _deliver(self, body: str, receives: int = 1) -> None:
        """SQS delivers an order soon, again when it came to nothing, and at last no more."""
        order = read_order(body)
        process = self.process("orchestrator")
        is_done: list[bool] = []

        def body_of_process() -> None:
            try:
                look(order, self.orchestra(process), is_repeated=receives > 1)
                is_done.append(True)
            except WorkerlessError as error:
                self.ground.tell(Note(text=f"{process.name}: {error}"))
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
                self.ground.tell(Raised(by=process.name, error=repr(error)))

        def again() -> None:
            if not is_done and receives < _DELIVERIES:
                self._deliver(body, receives + 1)

        soon = timedelta(milliseconds=self.ground.rng.randrange(2_000))
        self.ground.after(soon, lambda: process.start(body_of_process))
        self.ground.after(soon + _REDELIVERY, again)


def _sweeper(process: Process) -> workflow_sweep.WorkflowSweeper:
    return workflow_sweep.WorkflowSweeper(
        containers=RemoteContainers(process),
        store=RemoteStore(process),
        orders=orders_of(process),
        clock=process,
        telemetry=process,
        until=process.now() + timedelta(seconds=50),
    )
