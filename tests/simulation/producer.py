"""Producers: they enqueue until told that it worked, or give up, or die and start over."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from tests.simulation.ground import Ground
from tests.simulation.history import Accepted, Erased, Forgotten, Note, Raised
from tests.simulation.job import Done, SimulatedType, said
from tests.simulation.plan import JobPlan, Way, contested
from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_unique import RemoteUniqueStore
from workerless.client import Client
from workerless.errors import (
    BlobsUnavailableError,
    EnqueueFailedError,
    JobConflictError,
    StoreUnavailableError,
    WorkerlessError,
)
from workerless.handle import Job
from workerless.limits import MAX_DELAY
from workerless.payload import digest as payload_digest
from workerless.ports import Outgoing
from workerless.sending import queue_of
from workerless.tracking import Tracking

_TRIES = 3
_PAUSE = timedelta(seconds=2)

type Enqueue = Callable[[Client], Sequence[Accepted]]


class Producer:
    """All that is enqueued in one schedule, each call in a process of its own."""

    def __init__(self, ground: Ground, jobs: Sequence[JobPlan]) -> None:
        self._ground = ground
        self._jobs = [job for job in jobs if job.way is not Way.MEMBER]

    def start(self) -> None:
        """Put everything on the agenda."""
        for job in self._jobs:
            if job.way is not Way.BATCH:
                self._start(job)
            if job.way is Way.CLIENT and self._ground.job_type.tracking is not Tracking.OFF:
                self._start_changes(job)
        if batch := [job for job in self._jobs if job.way is Way.BATCH]:
            self._soon(batch[0], self._enqueue_many(batch))

    def _start(self, job: JobPlan) -> None:
        self._soon(job, self._enqueue(job))
        if job.is_lost:
            soon = timedelta(seconds=self._ground.rng.randrange(10))
            self._ground.after(soon, lambda: self._lose(job))
        has_id = job.way not in (Way.BARE, Way.GARBAGE)
        if job.is_sent_twice and has_id:
            self._soon(job, self._enqueue(job))
        if job.is_contested and has_id:
            self._soon(job, self._enqueue(job, text=contested(job.text)))

    def _start_changes(self, job: JobPlan) -> None:
        if job.cancelled_after is not None:
            self._ground.after(job.cancelled_after, partial(self._change, job, _cancel))
        if job.rescheduled_to is not None:
            soon = timedelta(seconds=self._ground.rng.randrange(60))
            self._ground.after(soon, partial(self._change, job, _reschedule))
        if job.forgotten_after is not None:
            self._ground.after(job.forgotten_after, partial(self._forget, job))

    def _lose(self, job: JobPlan) -> None:
        """Somebody empties the bucket of this job's payload."""
        digest = payload_digest(job.task(job.text).model_dump())
        blobs = self._ground.blobs
        for key in [one for one in blobs.keys() if digest in one]:  # noqa: SIM118 -- no mapping
            blobs.delete(key)
            self._ground.tell(Erased(digest=digest))

    def client(self, process: Process) -> Client:
        return Client(
            store=RemoteStore(process),
            unique=RemoteUniqueStore(process),
            queue=RemoteQueue(process, sends_as="send"),
            blobs=RemoteBlobs(process),
            directory=self._ground.directory(),
            clock=process,
            new_id=lambda: f"job-{self._ground.number()}",
        )

    def _soon(self, job: JobPlan, enqueue: Enqueue) -> None:
        delay = timedelta(seconds=self._ground.rng.randrange(3)) + job.enqueued_after
        self._ground.after(delay, lambda: self._run(job, enqueue))

    def _run(self, job: JobPlan, enqueue: Enqueue) -> None:
        process = self._process()

        def body() -> None:
            for _ in range(_TRIES):
                if self._try(enqueue, process):
                    return
                process.sleep(_PAUSE)

        process.start(body)
        if process.is_dead and self._ground.rng.random() < 0.7:
            self._ground.after(_PAUSE, lambda: self._run(job, enqueue))

    def _try(self, enqueue: Enqueue, process: Process) -> bool:
        """Whether there is nothing left to try."""
        try:
            for accepted in enqueue(self.client(process)):
                self._ground.tell(accepted)
        except (BlobsUnavailableError, EnqueueFailedError, StoreUnavailableError) as error:
            self._ground.tell(Note(text=f"{process.name}: {error}"))
            return False
        except JobConflictError as error:
            self._ground.tell(Note(text=f"{process.name}: {error}"))
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
            self._ground.tell(Raised(by=process.name, error=repr(error)))
        return True

    def _enqueue(self, job: JobPlan, text: str | None = None) -> Enqueue:
        text = text or job.text
        match job.way:
            case Way.FOREIGN:
                return lambda client: [_foreign(client, self._ground.job_type.name, job, text)]
            case Way.BARE:
                return lambda _: [self._bare(job, job.task(job.text).model_dump_json())]
            case Way.GARBAGE:
                return lambda _: [self._bare(job, f"{{{job.text}")]
            case _:
                return lambda client: [
                    _accepted(
                        client.enqueue(
                            self._ground.job_type,
                            job.task(text),
                            delay=job.delay,
                            attempts=job.attempts,
                            expires_in=job.expires_in,
                            lane=job.lane,
                            **self._named(job),
                        ),
                        text,
                    )
                ]

    def _named(self, job: JobPlan) -> Any:
        """How the caller names the job: without records no key is known again."""
        is_untracked = self._ground.job_type.tracking is Tracking.OFF
        return {"job_id" if is_untracked else "idempotency_key": job.text}

    def _enqueue_many(self, jobs: Sequence[JobPlan]) -> Enqueue:
        payloads = [job.task(job.text) for job in jobs]

        def enqueue(client: Client) -> Sequence[Accepted]:
            is_untracked = self._ground.job_type.tracking is Tracking.OFF
            handles = client.enqueue_many(
                self._ground.job_type,
                payloads,
                idempotency_key=None if is_untracked else lambda payload: payload.text,
                lane=jobs[0].lane,
            )
            return [_accepted(handle, job.text) for handle, job in zip(handles, jobs, strict=True)]

        return enqueue

    def _bare(self, job: JobPlan, body: str) -> Accepted:
        """Some other program: nothing but a message."""
        outgoing = Outgoing(body=body, delay=min(job.delay, MAX_DELAY))
        ground = self._ground
        queue = queue_of(ground.directory().find(ground.job_type.name), job.lane)
        sent = ground.broker.send(outgoing, ground.now, is_letter=False, queue=queue)
        return Accepted(job_id=getattr(sent, "message_id", ""), text=said(body))

    def _change(self, job: JobPlan, change: Callable[[Client, Job[Done], JobPlan], None]) -> None:
        """A caller who has the job's id: so it was put, whatever became of it since."""
        process = self._process()

        def body() -> None:
            client = self.client(process)
            try:
                change(client, _handle(client, self._ground.job_type, job), job)
            except WorkerlessError as error:
                self._ground.tell(Note(text=f"{process.name}: {error}"))

        process.start(body)

    def _forget(self, job: JobPlan) -> None:
        ground = self._ground
        for accepted in list(ground.history.of(Accepted)):
            if accepted.text == job.text and ground.store.forget(accepted.job_id):
                ground.tell(Forgotten(job_id=accepted.job_id))

    def _process(self) -> Process:
        ground = self._ground
        return Process(name=f"producer-{ground.number()}", ground=ground)


def _accepted(job: Job[Any], text: str) -> Accepted:
    return Accepted(job_id=job.id, text=text)


def _foreign(client: Client, name: str, job: JobPlan, text: str) -> Accepted:
    delay = min(job.delay, MAX_DELAY)
    data = job.task(text).model_dump()
    handle = client.enqueue_json(name, data, job_id=job.text, delay=delay, lane=job.lane)
    return Accepted(job_id=handle.id, text=text)


def _handle(client: Client, job_type: SimulatedType, job: JobPlan) -> Job[Done]:
    return client.enqueue(
        job_type,
        job.task(job.text),
        idempotency_key=job.text,
        delay=job.delay,
        lane=job.lane,
    )


def _cancel(client: Client, handle: Job[Done], job: JobPlan) -> None:
    handle.cancel()


def _reschedule(client: Client, handle: Job[Done], job: JobPlan) -> None:
    client.reschedule(handle.id, job.rescheduled_to or timedelta(0))
