"""Enqueueing and following jobs: the composition root of a producer.

``client = connect("prod")``, then ``client.enqueue(send_email, SendEmail(...))``. A record is
written before its message is sent, so a job whose id the caller holds can never be unknown; of
job types that are tracked less, only the message is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Unpack
from uuid import uuid4

from workerless import naming
from workerless.enqueueing import Options, entry, foreign_message
from workerless.errors import WorkerlessError
from workerless.event_ports import EventStore
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.outbox import Outbox
from workerless.payload import Payload, Result
from workerless.payload_file import store_files
from workerless.ports import Blobs, Clock, Directory, Page, Put, Queue, Store
from workerless.rescheduling import reschedule
from workerless.sending import lane_at
from workerless.stand_in import stand_ins
from workerless.states import State
from workerless.unique_ports import UniqueStore

if TYPE_CHECKING:
    from workerless.batch_handle import Batch
    from workerless.client_schedules import ClientSchedules
    from workerless.client_workflows import BatchOptions, ClientWorkflows, RunOptions
    from workerless.orchestration.world import Orchestra
    from workerless.priority import Priority
    from workerless.run_handle import Run
    from workerless.workflow.build import Asked, Step


class Client:
    """Enqueues and follows the jobs of one stage. Safe to keep and to share between threads."""

    def __init__(
        self,
        *,
        store: Store,
        unique: UniqueStore,
        queue: Queue,
        blobs: Blobs,
        directory: Directory,
        clock: Clock,
        events: EventStore | None = None,
        told: Callable[[str, int], object] | None = None,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        schedules: "Callable[[], ClientSchedules] | None" = None,
        orchestra: "Callable[[], Orchestra] | None" = None,
    ) -> None:
        self._store = store
        self._outbox = Outbox(
            store=store,
            unique=unique,
            queue=queue,
            directory=directory,
            blobs=blobs,
            clock=clock,
            events=events,
            told=told,
        )
        self._entry = partial(entry, new_id=new_id, bucket=lambda: blobs.bucket)
        self._blobs = blobs
        self._directory = directory
        self._clock = clock
        self._new_id = new_id
        self._open_schedules = schedules
        self._orchestra = orchestra

    @cached_property
    def schedules(self) -> "ClientSchedules":
        """Schedules, made at run time or declared. Raises ``WorkerlessError`` if it has none."""
        if self._open_schedules is None:
            raise WorkerlessError("this client was made without schedules; use connect(stage)")
        return self._open_schedules()

    def enqueue[P: Payload, R: Result | None](
        self,
        job_type: JobType[P, R],
        payload: P,
        *,
        job_id: str | None = None,
        idempotency_key: str | None = None,
        delay: timedelta = timedelta(0),
        attempts: int | None = None,
        tenant: str | None = None,
        priority: "Priority | int | str | None" = None,
        lane: str | None = None,
        correlation_id: str | None = None,
        parent_id: str | None = None,
        traceparent: str | None = None,
        expires_in: timedelta | None = None,
        tags: Sequence[str] = (),
    ) -> Job[R]:
        """Have ``payload`` worked on once ``delay`` (0 s to 10 years) has passed.

        The same ``job_id``, or the same ``idempotency_key`` within the job type, with the same
        payload is the same job: the handle says so in ``is_duplicate``. ``attempts`` may lower
        the job type's own number. A job that has not begun ``expires_in`` from now is cancelled as
        expired; none is the job type's own. ``tenant`` is the fairness group: a busy tenant's jobs
        do not hold up the others'. ``priority`` or ``lane`` names one of the job type's lanes; none
        is the default one. ``tags`` are up to five short words to find the job by. A job type with
        ``tracking`` lean or off may refuse some of this, and know less: docs/job-types.md.

        Raises ``EnqueueRefusedError`` (nothing stored or sent), ``JobConflictError`` (the id is
        another job's), ``EnqueueFailedError`` (stored, but not known to be sent: enqueue again
        with the same id), ``StoreUnavailableError``, ``BlobsUnavailableError`` (a payload too big
        for a message could not be stored; nothing else was), and of a job type with ``max_waiting``
        ``QueueFullError`` and ``QueueUnavailableError`` (nothing stored or sent).
        """
        options = Options(
            job_id=job_id,
            idempotency_key=idempotency_key,
            delay=delay,
            attempts=attempts,
            tenant=tenant,
            priority=priority,
            lane=lane,
            correlation_id=correlation_id,
            parent_id=parent_id,
            traceparent=traceparent,
            expires_in=expires_in,
            tags=tags,
        )
        one = self._entry(job_type, payload, options, now=self._clock.now())
        (put,) = self._outbox.put_and_send(job_type.name, [one])
        return self._handle(job_type, put)

    def enqueue_many[P: Payload, R: Result | None](
        self,
        job_type: JobType[P, R],
        payloads: Sequence[P],
        *,
        idempotency_key: Callable[[P], str] | None = None,
        delay: timedelta = timedelta(0),
        attempts: int | None = None,
        tenant: str | None = None,
        priority: "Priority | int | str | None" = None,
        lane: str | None = None,
        correlation_id: str | None = None,
        expires_in: timedelta | None = None,
        tags: Sequence[str] = (),
    ) -> list[Job[R]]:
        """Enqueue every payload, in batches, several at once; handles in the same order.

        ``idempotency_key`` computes each job's key. All entries are checked before the first is
        stored. Raises as ``enqueue`` does; ``EnqueueFailedError`` and ``JobConflictError`` name the
        jobs that failed, and all others are on their way. ``EnqueueInterruptedError`` (a
        ``StoreUnavailableError``) tells of each position what became of it; some of ``unknown`` may
        run, so repeat those with idempotency keys only.
        """
        now = self._clock.now()
        entries = [
            self._entry(
                job_type,
                payload,
                Options(
                    idempotency_key=idempotency_key(payload) if idempotency_key else None,
                    delay=delay,
                    attempts=attempts,
                    tenant=tenant,
                    priority=priority,
                    lane=lane,
                    correlation_id=correlation_id,
                    expires_in=expires_in,
                    tags=tags,
                ),
                now=now,
            )
            for payload in payloads
        ]
        return [
            self._handle(job_type, put) for put in self._outbox.put_and_send(job_type.name, entries)
        ]

    def enqueue_json(
        self,
        name: str,
        data: Mapping[str, Any],
        *,
        job_id: str | None = None,
        delay: timedelta = timedelta(0),
        attempts: int | None = None,
        tenant: str | None = None,
        priority: "Priority | int | str | None" = None,
        lane: str | None = None,
        correlation_id: str | None = None,
        expires_in: timedelta | None = None,
        tags: Sequence[str] = (),
    ) -> Job[Any]:
        """Enqueue for a job type whose declaration is not at hand, as any foreign producer does.

        The payload is checked by the worker only, and the record appears when the job first starts:
        until then ``status`` raises ``JobNotFoundError``. ``attempts`` (1 to 100) may lower the job
        type's own number. Raises as ``enqueue`` does, and ``UnknownJobTypeError``.
        """
        options = Options(
            job_id=job_id,
            delay=delay,
            attempts=attempts,
            tenant=tenant,
            correlation_id=correlation_id,
            expires_in=expires_in,
            tags=tags,
        )
        message, outgoing, file = foreign_message(
            name,
            data,
            options,
            lane=lane_at(self._directory.find(name), priority=priority, lane=lane),
            now=self._clock.now(),
            new_id=self._new_id,
            bucket=lambda: self._blobs.bucket,
        )
        store_files([file], self._blobs)
        self._outbox.send(name, {message.job_id: outgoing}, is_new=True)
        return self.job(message.job_id)

    def job(self, job_id: str) -> Job[Any]:
        """A handle on any job; asks nothing yet."""
        return Job(
            id=job_id,
            store=self._store,
            blobs=self._blobs,
            clock=self._clock,
            post=self._outbox.post,
        )

    def start(self, part: "Asked | Step", **options: Unpack["RunOptions"]) -> "Run":
        """Start a workflow, chain, group or chord. Raises as ``ClientWorkflows.start`` does."""
        return self._workflows.start(part, **options)

    def workflow(self, run_id: str) -> "Run":
        """A handle on any workflow, part of one, or batch; asks nothing yet."""
        return self._workflows.run(run_id)

    def batch(self, description: str | None = None, **options: Unpack["BatchOptions"]) -> "Batch":
        """Open a batch, in a ``with`` statement or to be ``let_go``. Raises as ``start`` does."""
        return self._workflows.batch(description, **options)

    @cached_property
    def _workflows(self) -> "ClientWorkflows":
        from workerless.client_workflows import ClientWorkflows  # noqa: PLC0415 -- few start any

        return ClientWorkflows.of(self._orchestra, self._outbox, self._new_id)

    def list(
        self, job_type: str, state: State, *, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Jobs of one type and state, newest change first, a moment behind. ``limit`` 1 to 200.

        Raises ``UnknownJobTypeError``.
        """
        self._directory.find(job_type)
        return self._store.list(state, job_type=job_type, limit=limit, cursor=cursor)

    def reschedule(self, job_id: str, delay: timedelta) -> None:
        """Have a job that waits or is held run ``delay`` (0 s to 10 years) from now instead.

        Raises ``EnqueueRefusedError``, ``JobNotFoundError``, ``JobStateError`` for a job that runs,
        has ended, or waited so long that its message is gone, and as ``enqueue`` does. One that
        would be too late to begin by then may begin after all.
        """
        told = reschedule(
            job_id, delay, store=self._store, blobs=self._blobs, now=self._clock.now()
        )
        if told.outgoing is not None:
            self._outbox.send(told.job_type, {job_id: told.outgoing})

    def promote(self, job_id: str) -> None:
        """Have a job that waits or is held run now. Raises as ``reschedule`` does."""
        self.reschedule(job_id, timedelta(0))

    def _handle[P: Payload, R: Result | None](self, job_type: JobType[P, R], put: Put) -> Job[R]:
        handle = self.job(put.record.job_id)
        return replace(handle, job_type=job_type, is_duplicate=not put.created)


def connect(stage: str, *, metrics: Callable[[str], object] | None = None) -> Client:
    """The client of a deployed stage, with AWS credentials and region from the environment.

    ``metrics`` is given a line of JSON whenever jobs were enqueued, for a log that CloudWatch reads
    (docs/metrics.md): ``print`` in a container. The functions of the stage need not ask for it.
    """
    naming.check_stage(stage)
    if stand_ins:
        return stand_ins[-1]
    from workerless.connecting import parts_of  # noqa: PLC0415 -- whoever only declares need not pay

    return Client(**parts_of(stage, metrics))
