"""What one worker works with: its job type, its ports, and how it makes tokens and dice."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from workerless.errors import WorkerlessError
from workerless.execution.perform import Perform
from workerless.frozen import frozen
from workerless.hooks import Hooks
from workerless.job_type import SETTLE_MARGIN, JobType
from workerless.origin import Handling, shared
from workerless.ports import Blobs, Clock, Queue, Telemetry, WorkerStore
from workerless.record import Record
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from workerless.batching import Batching
    from workerless.event_ports import EventStore
    from workerless.execution.admission import Admitted
    from workerless.execution.gate import Gate
    from workerless.execution.marking import Marking
    from workerless.heartbeat import Heartbeats

_TIME_TO_WRITE = timedelta(seconds=2)


def _no_events() -> "EventStore":
    raise WorkerlessError("this runner keeps no events: a job cannot wait for one here")


def _no_batches() -> "Batching":
    raise WorkerlessError("this runner has no batches: a job cannot add to its own here")


@frozen
class Ports:
    """The world of a worker: ``queue_address`` is its queue, ``dead_letters`` that queue's DLQ.

    ``gates`` are what may hold its jobs back, in order; most job types have none, but
    ``tenant_gates`` for jobs with a tenant, made when the first comes. Of one with lanes
    ``queue_address`` is the queue of ``lane``, whose messages are at hand. ``events`` is made when
    a job waits for one, ``marking`` when a member of a batch or workflow ends, ``batching`` when
    one adds others, ``heartbeats`` when one takes long; without them nobody hears of that.
    """

    store: WorkerStore
    queue: Queue
    blobs: Blobs
    clock: Clock
    telemetry: Telemetry
    rng: Random
    new_token: Callable[[], str]
    queue_address: str
    dead_letters: str
    gates: "tuple[Gate, ...]" = ()
    tenant_gates: "Callable[[], tuple[Gate, ...]]" = tuple
    lane: str | None = None
    events: "Callable[[], EventStore]" = _no_events
    marking: "Callable[[], Marking] | None" = None
    batching: "Callable[[], Batching]" = _no_batches
    heartbeats: "Callable[[], Heartbeats] | None" = None


@frozen
class Runtime:
    """One invocation: a job type's handler, the world, and the moment Lambda ends it all.

    ``trace_id`` is X-Ray's of the invocation. ``secrets`` are texts of payloads that no error may
    tell. Once ``is_stopping`` no other job begins; None where
    nobody is told to stop: Lambda lets time run out.
    """

    job_type: JobType[Any, Any]
    perform: Perform
    hooks: tuple[Hooks, ...]
    ports: Ports
    deadline: datetime
    trace_id: str | None = None
    is_stopping: Callable[[], bool] | None = None
    secrets: frozenset[str] = frozenset()

    def has_time_for_a_job(self) -> bool:
        """Whether a job that takes all of its ``timeout`` could still be settled."""
        if self.is_stopping is not None and self.is_stopping():
            return False
        return self.time_left() >= self.job_type.timeout + SETTLE_MARGIN

    def handling(self, runs: "Sequence[Admitted]") -> "AbstractContextManager[None]":
        """Meanwhile the handler is at work on these jobs, which what it enqueues comes from."""
        around = Handling(shared([run.arrival.message for run in runs]))
        if self.perform.tracing is None:
            return around
        from workerless.execution.tracing import both  # noqa: PLC0415 -- few handlers have one

        return both(around, self.perform.tracing.handling(runs))

    def gates_for(self, record: Record) -> "tuple[Gate, ...]":
        """What may hold this job back, in order."""
        gates = self.ports.gates
        return gates if gates or record.tenant is None else self.ports.tenant_gates()

    def is_tracked(self) -> bool:
        """Whether jobs of this type have records."""
        return self.job_type.tracking is not Tracking.OFF

    def has_time_to_write(self) -> bool:
        """Whether the store can still be asked for something."""
        return self.time_left() >= _TIME_TO_WRITE

    def time_left(self) -> timedelta:
        return self.deadline - self.ports.clock.now()
