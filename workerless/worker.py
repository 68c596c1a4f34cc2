"""From a handler function to a Lambda function: the composition root of a worker.

``handler = worker(send_email)(perform)`` only joins the two, wherever it is imported; inside
Lambda it also makes the clients and runs ``on_init``, since the INIT phase has the most CPU of
all. Both stay as long as the execution environment does.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from workerless.environment import IN_LAMBDA, WorkerEnvironment, trace_id
from workerless.execution.batch import run_batch
from workerless.execution.perform import Perform, Performs
from workerless.execution.response import BatchResponse
from workerless.execution.runtime import Ports, Runtime
from workerless.hooks import Hooks
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.ports import Clock, WorkerStore
from workerless.tracking import Tracking

if TYPE_CHECKING:
    import asyncio

    from workerless.aws.session import AwsClients
    from workerless.batching import Batching
    from workerless.event_ports import EventStore
    from workerless.execution.gate import Gate
    from workerless.execution.marking import Marking
    from workerless.heartbeat import Heartbeats


class LambdaContext(Protocol):
    """What the worker needs of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int: ...


def worker[P: Payload, R: Result | None, C = Any](
    job_type: JobType[P, R, C],
    *,
    hooks: Sequence[Hooks] = (),
    on_init: Callable[[], None] | None = None,
    on_shutdown: Callable[[], None] | None = None,
) -> Callable[[Performs[P, R, C]], "Worker"]:
    """A decorator that makes a handler function the Lambda function of ``job_type``.

    ``hooks`` are called in order. ``on_init`` runs once per execution environment, before its first
    job; if it raises, the environment fails to start and no job has started. ``on_shutdown`` runs
    once when such an environment ends in good order: in Lambda it has 0.5 s. What it raises is
    logged.
    """

    def join(perform: Performs[P, R, C]) -> Worker:
        looked_at = Perform.of(perform)
        return ready(Worker(job_type, looked_at, hooks, on_init=on_init, on_shutdown=on_shutdown))

    return join


def ready(made: "Worker") -> "Worker":
    """The same worker; inside Lambda with clients, ``on_init`` done, ``on_shutdown`` to come."""
    if IN_LAMBDA in os.environ:
        made.prepare()
        made.await_shutdown()
    return made


class Worker:
    """The Lambda function of one job type. Call it with an SQS event and a context."""

    def __init__(
        self,
        job_type: JobType[Any, Any, Any],
        perform: Perform,
        hooks: Sequence[Hooks],
        *,
        on_init: Callable[[], None] | None,
        on_shutdown: Callable[[], None] | None,
    ) -> None:
        self.job_type = job_type
        self._perform = perform
        self._hooks = tuple(hooks)
        self._on_init = on_init
        self._on_shutdown = on_shutdown
        self._ending: Callable[[], None] | None = None
        self._ports: Ports | None = None
        self._runner: asyncio.Runner | None = None

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
        """The batch response to ``event``. Never raises for what a job does."""
        ports = self.prepare()
        left = timedelta(milliseconds=context.get_remaining_time_in_millis())
        return self.run(event["Records"], ports, left)

    def run(
        self,
        records: Sequence[Mapping[str, Any]],
        ports: Ports,
        time_left: timedelta,
        *,
        is_stopping: Callable[[], bool] | None = None,
    ) -> BatchResponse:
        """The same over given ports: what tests and other runners call.

        Once ``is_stopping`` no other job begins: those that wait are put back, no attempt spent.

        With tracking off their store is never asked, whatever it is. Of a job type with lanes all
        records are from one queue, as Lambda has them, whichever ``ports`` name.
        """
        if self.job_type.tracking is Tracking.OFF:
            ports = replace(ports, store=_untracked())
        if self.job_type.lanes is not None:
            from workerless.execution.lane import at_lane  # noqa: PLC0415 -- few have any

            ports = at_lane(ports, self.job_type.lanes, records)
        runtime = Runtime(
            job_type=self.job_type,
            perform=self._perform,
            hooks=self._hooks,
            ports=ports,
            deadline=ports.clock.now() + time_left,
            trace_id=trace_id(os.environ),
            is_stopping=is_stopping,
        )
        return run_batch(records, runtime, self._loop)

    def close(self) -> None:
        """Let go of the event loop; Lambda never does, tests and other runners should."""
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def prepare(self) -> Ports:
        """Make the clients and run ``on_init``, once. Raises ``WorkerlessError`` or as it does."""
        if self._ports is None:
            ports = ports_from_environment(os.environ, self.job_type)
            self.start()
            self._ports = ports
        return self._ports

    def start(self) -> None:
        """Run ``on_init``, as a new execution environment does before its first job."""
        if self._on_init is not None:
            self._on_init()
        self._ending = self._on_shutdown

    def await_shutdown(self) -> None:
        """Have ``on_shutdown`` run when this process, Lambda's, ends."""
        if self._on_shutdown is not None:
            from workerless.shutdown import at_end  # noqa: PLC0415 -- few have any

            at_end(self.shut_down, os.environ, self.prepare().telemetry)

    def shut_down(self) -> None:
        """Run ``on_shutdown``, once after each ``start``. What it raises is logged."""
        ending, self._ending = self._ending, None
        if ending is not None:
            from workerless.shutdown import run_logged  # noqa: PLC0415 -- few have any

            telemetry = self._ports.telemetry if self._ports is not None else None
            run_logged(ending, self.job_type.name, telemetry)

    def _loop(self) -> "asyncio.Runner":
        """One loop for all invocations: clients that an async handler keeps stay bound to it."""
        import asyncio  # noqa: PLC0415 -- 20 ms; only an async handler pays

        self._runner = self._runner or asyncio.Runner()
        return self._runner


def ports_from_environment(variables: Mapping[str, str], job_type: JobType[Any, Any]) -> Ports:
    """The AWS adapters of a worker. Raises ``WorkerlessError`` naming missing variables."""
    # AWS clients take 100 ms to import: only a worker pays, never who imports a handler.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.s3 import S3Blobs  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415

    here = WorkerEnvironment.read(variables)
    queue, dead_letters = here.queues(job_type.name)
    clients, clock, rng = AwsClients(), SystemClock(), Random()
    return Ports(
        store=_store(clients, here.table, clock, job_type),
        queue=SqsQueue(clients.sqs, clock=clock, rng=rng),
        # Its client takes a while to make: the first file that is needed pays.
        blobs=S3Blobs(lambda: clients.s3, lambda: here.bucket, clock),
        clock=clock,
        telemetry=PowertoolsTelemetry(f"workerless-{here.stage}"),
        rng=rng,
        new_token=lambda: os.urandom(16).hex(),
        queue_address=queue,
        dead_letters=dead_letters,
        gates=_gates(clients, here.table, clock, job_type),
        tenant_gates=_tenant_gates(clients, here.table, clock, job_type),
        events=partial(_events, clients, here.table, clock),
        marking=partial(_marking, clients, here, clock, queue),
        batching=cache(partial(_batching, here.stage)),
        heartbeats=cache(partial(_heartbeats, clients, here.table, clock)),
    )


def _gates(
    clients: "AwsClients", table: str, clock: Clock, job_type: JobType[Any, Any]
) -> "tuple[Gate, ...]":
    """Job types without flow control load nothing of it."""
    if not job_type.is_gated:
        return ()
    from workerless.aws.flow.stores import DynamoFlow  # noqa: PLC0415
    from workerless.execution.gating import gates_of  # noqa: PLC0415

    return gates_of(job_type, DynamoFlow(clients.dynamodb, table, clock))


def _tenant_gates(
    clients: "AwsClients", table: str, clock: Clock, job_type: JobType[Any, Any]
) -> "Callable[[], tuple[Gate, ...]]":
    """Made with the first job that has a tenant; never without records."""
    if job_type.tracking is Tracking.OFF:
        return tuple
    made: list[tuple[Gate, ...]] = []

    def gates() -> "tuple[Gate, ...]":
        if not made:
            from workerless.aws.flow.stores import DynamoFlow  # noqa: PLC0415
            from workerless.execution.gating import tenant_gates_of  # noqa: PLC0415

            made.append(tenant_gates_of(job_type, DynamoFlow(clients.dynamodb, table, clock)))
        return made[0]

    return gates


def _events(clients: "AwsClients", table: str, clock: Clock) -> "EventStore":
    """Cheap to make, and few jobs ever wait."""
    from workerless.aws.events import DynamoEvents  # noqa: PLC0415 -- who waits pays
    from workerless.aws.table import Table  # noqa: PLC0415

    return DynamoEvents(Table(clients.dynamodb, table, clock), clock)


def _heartbeats(clients: "AwsClients", table: str, clock: Clock) -> "Heartbeats":
    """The same for jobs that take long."""
    from workerless.aws.heartbeat import DynamoHeartbeats  # noqa: PLC0415 -- few do
    from workerless.aws.table import Table  # noqa: PLC0415

    return DynamoHeartbeats(Table(clients.dynamodb, table, clock))


def _marking(
    clients: "AwsClients", here: WorkerEnvironment, clock: Clock, own_queue: str
) -> "Marking":
    """As cheap; the queue of orders lies beside our own."""
    from workerless import naming  # noqa: PLC0415 -- who is a member pays
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.aws.workflow.containers import DynamoContainers  # noqa: PLC0415
    from workerless.execution.marking import Marking  # noqa: PLC0415
    from workerless.orders import Orders  # noqa: PLC0415

    address = naming.beside(own_queue, naming.workflows_queue(here.stage))
    return Marking(
        containers=DynamoContainers(Table(clients.dynamodb, here.table, clock), clock),
        orders=Orders(queue=SqsQueue(clients.sqs, clock=clock, rng=Random()), address=address),
    )


def _batching(stage: str) -> "Batching":
    """That of a client, whose adapters are others than a worker's."""
    from workerless.adding import batching_in  # noqa: PLC0415 -- few members add others

    return batching_in(stage)


def _untracked() -> WorkerStore:
    from workerless.execution.untracked import UntrackedStore  # noqa: PLC0415 -- few are so

    return UntrackedStore()


def _store(
    clients: "AwsClients", table: str, clock: Clock, job_type: JobType[Any, Any]
) -> WorkerStore:
    """Without tracking there is no store: not its client to make, nor its module to load."""
    if job_type.tracking is Tracking.OFF:
        return _untracked()
    from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415

    return DynamoStore(clients.dynamodb, table, clock)
