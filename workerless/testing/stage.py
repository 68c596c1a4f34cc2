"""A stage in memory: the client, the workers and the sweeper of production on one virtual clock.

Only what AWS would do is played; each job goes through the pipeline it goes through on Lambda, with
its retries, snoozes, duplicates and dead letters. Nothing ever sleeps.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack, overload

from workerless.errors import JobNotFoundError, UnknownJobTypeError
from workerless.handle import Job, JobStatus
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.ports import Outgoing
from workerless.stand_in import standing_in
from workerless.states import State
from workerless.testing import idempotency
from workerless.testing.checkout import handlers
from workerless.testing.clock import FakeClock
from workerless.testing.crash import Doom
from workerless.testing.crew import Crew
from workerless.testing.doubles import Doubles
from workerless.testing.enqueued import EnqueuedJob, Wanted, enqueued, explain
from workerless.testing.inline import BusyClock
from workerless.testing.letters import DeadLetter
from workerless.testing.options import EnqueueOptions, StageOptions
from workerless.testing.outcomes import Outcomes
from workerless.testing.player import FAR, Player
from workerless.worker import Worker


class InMemoryStage:
    """``members`` are workers, whose jobs are run, and job types, whose jobs only wait.

    ``client`` is what the application gets. With ``inline`` a job that may run does so before
    ``enqueue`` returns; one with a delay waits for ``advance``. With ``raise_failures`` an attempt
    that fails raises ``JobFailedError`` where it was run. Use it in a ``with`` statement, or call
    ``close``: the event loops of async handlers stay open until then.
    """

    def __init__(
        self,
        *members: Worker | JobType[Any, Any],
        clock: FakeClock | None = None,
        inline: bool = False,
        raise_failures: bool = False,
    ) -> None:
        self.clock = clock or FakeClock()
        self.doubles = Doubles(self.clock)
        self.telemetry = self.doubles.telemetry
        self._crew = Crew()
        self._player = Player(self.doubles, self._crew, raise_failures=raise_failures)
        self.client = self.doubles.client(BusyClock(self.clock, self.advance))
        self.doubles.queue.on_send = self.drain if inline else None
        for member in members:
            if isinstance(member, Worker):
                self.use(member)
            else:
                self.doubles.add(member)

    @classmethod
    def of_checkout(cls, root: Path, **options: Unpack[StageOptions]) -> Self:
        """Every job type of ``functions/`` below ``root``, each handler imported when it runs.

        Raises ``DeclarationError``.
        """
        stage = cls(**options)
        for job_type, load in handlers(root):
            stage._hire(job_type, load)
        return stage

    def use(self, *workers: Worker) -> None:
        """Have these run the jobs of their types from now on, in place of what did."""
        for worker in workers:
            self._hire(worker.job_type, partial(_itself, worker))

    def run[P: Payload, R: Result | None](
        self, job_type: JobType[P, R], payload: P, **options: Unpack[EnqueueOptions]
    ) -> JobStatus[R]:
        """Enqueue one job and play until it has ended, however it did, or is held.

        The clock moves on to each retry, and other jobs that fall due meanwhile run too. Raises
        what ``Client.enqueue`` raises, and ``AssertionError`` for a job that would never end.
        """
        self._need_worker(job_type)
        return self._ended(self.client.enqueue(job_type, payload, **options))

    def run_message[P: Payload, R: Result | None](
        self, job_type: JobType[P, R], body: str
    ) -> JobStatus[R]:
        """The same for a message as any program may send it: a bare payload, or a CloudEvent.

        Raises ``AssertionError`` for one that leads to no job.
        """
        self._need_worker(job_type)
        address = self.doubles.directory.find(job_type.name)
        before = {record.job_id for record in self.doubles.store.records()}
        (failure,) = self.doubles.queue.send_many(address.queue, [Outgoing(body=body)])
        if failure is not None:
            raise AssertionError(f"SQS would refuse this message: {failure.message}")
        self.drain()
        new = [one.job_id for one in self.doubles.store.records() if one.job_id not in before]
        if not new:
            letters = self.dead_letters(job_type)
            raise AssertionError(f"this message led to no new job; dead letters: {letters}")
        return self._ended(replace(self.client.job(new[0]), job_type=job_type))

    def drain(self, *, limit: int | None = None) -> Outcomes:
        """Run what may run now and what follows from it; the clock stands still.

        ``limit`` bounds the deliveries.
        """
        return self._player.play(self.clock.now(), limit=limit)

    def advance(self, duration: timedelta) -> Outcomes:
        """Move the clock on, and run what falls due on the way, each at its time."""
        until = self.clock.now() + duration
        outcomes = self._player.play(until)
        self.clock.advance(max(until - self.clock.now(), timedelta(0)))
        return outcomes

    def run_all(self) -> Outcomes:
        """Play until no job is left to run, however long that takes on the clock.

        Raises ``AssertionError`` naming the job that would never end.
        """
        return self._player.play(FAR)

    def play_until(self, enough: Callable[[], bool]) -> Outcomes:
        """Play until ``enough`` says so, or no job is left to run."""
        return self._player.play(FAR, enough=enough)

    def crash_next(
        self,
        job_type: JobType[Any, Any],
        *,
        job_id: str | None = None,
        checkpoint: int | None = None,
    ) -> None:
        """Have the process die when the next job completes: after its handler, before its record.

        As on Lambda the job runs again once its lease is over, and so do those beside it whose end
        was not written yet. ``job_id`` waits for that job. With ``checkpoint`` it dies in its
        handler instead, once the so many-th checkpoint from now on was kept.
        """
        doom = Doom(job_type=job_type.name, job_id=job_id, checkpoint=checkpoint)
        self.doubles.store.doom = doom

    def is_doomed(self) -> bool:
        """Whether ``crash_next`` was called and nothing has crashed yet."""
        return self.doubles.store.doom is not None

    @overload
    def enqueued(self) -> list[EnqueuedJob[Any]]: ...
    @overload
    def enqueued[P: Payload](self, job_type: JobType[P, Any]) -> list[EnqueuedJob[P]]: ...
    def enqueued(self, job_type: JobType[Any, Any] | None = None) -> list[EnqueuedJob[Any]]:
        """The jobs that wait, of one type or of all, in the order in which they came."""
        jobs = enqueued(self.doubles, self.client)
        return [job for job in jobs if job_type is None or job.job_type.name == job_type.name]

    def assert_enqueued[P: Payload](
        self,
        job_type: JobType[P, Any],
        *,
        payload: P | None = None,
        where: Callable[[P], bool] | None = None,
        delay: timedelta | None = None,
        tenant: str | None = None,
        lane: str | None = None,
        count: int | None = None,
    ) -> list[EnqueuedJob[P]]:
        """The jobs that wait and are so: at least one, or exactly ``count``.

        ``delay`` is how long from now, 0 s for a job that may run. Raises ``AssertionError`` that
        lists what is enqueued.
        """
        wanted = Wanted(
            job_type=job_type,
            payload=payload,
            where=where,
            delay=delay,
            tenant=tenant,
            lane=lane,
            count=count,
        )
        jobs = enqueued(self.doubles, self.client)
        found = [job for job in jobs if wanted.matches(job)]
        if len(found) == count or (count is None and found):
            return found
        raise AssertionError(explain(wanted, len(found), jobs, self.doubles.store.records()))

    def assert_not_enqueued[P: Payload](
        self,
        job_type: JobType[P, Any],
        *,
        payload: P | None = None,
        where: Callable[[P], bool] | None = None,
        delay: timedelta | None = None,
        tenant: str | None = None,
    ) -> None:
        """That no job which waits is so. Raises as ``assert_enqueued`` does."""
        self.assert_enqueued(
            job_type, payload=payload, where=where, delay=delay, tenant=tenant, count=0
        )

    def assert_idempotent[P: Payload](
        self, job_type: JobType[P, Any], payload: P, observe: Callable[[], object]
    ) -> None:
        """That a second run of a job has no second effect.

        ``observe`` gives what the job's effects are, as values that can be copied and compared: the
        rows of a table, the emails a double was given. The job runs, its process dies before the
        record says so, it runs again, and its message comes once more: ``observe`` must give the
        same after each. Raises ``AssertionError`` with the difference.
        """
        idempotency.assert_idempotent(self, job_type, payload, observe)

    def failed[R: Result | None](self, job_type: JobType[Any, R]) -> list[JobStatus[R]]:
        """The jobs of one type that have failed, in the order in which they came."""
        return [
            self.client.job(record.job_id).status()
            for record in self.doubles.store.records()
            if record.job_type == job_type.name and record.state is State.FAILED
        ]

    def dead_letters(self, job_type: JobType[Any, Any]) -> list[DeadLetter]:
        """What is in the dead-letter queue of one type, the oldest first."""
        address = self.doubles.directory.find(job_type.name)
        return [DeadLetter.of(one) for one in self.doubles.queue.messages(address.dead_letters)]

    @contextmanager
    def connected(self) -> Iterator[Self]:
        """Have ``workerless.client.connect`` give this stage's client meanwhile, for any stage."""
        with standing_in(self.client):
            yield self

    def close(self) -> None:
        """Let the workers go, as Lambda does with environments that nobody needs."""
        self._crew.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _hire(self, job_type: JobType[Any, Any], load: Callable[[], Worker]) -> None:
        self.doubles.add(job_type)
        self._crew.hire(job_type.name, load)

    def _need_worker(self, job_type: JobType[Any, Any]) -> None:
        names = sorted(self._crew.names())
        if job_type.name not in names:
            raise UnknownJobTypeError(
                f"nobody runs jobs of {job_type.name!r} in this stage, only of: "
                f"{', '.join(names) or 'none'}; give it the handler"
            )

    def _ended[R](self, job: Job[R]) -> JobStatus[R]:
        self.play_until(partial(_rests, job))
        status = job.status()
        if not status.state.is_resting:
            raise AssertionError(f"job {job.id!r} is {status.state.value}, and nothing moves it on")
        return status


def _rests(job: Job[Any]) -> bool:
    try:
        return job.status().state.is_resting
    except JobNotFoundError:  # no record yet
        return False


def _itself(worker: Worker) -> Worker:
    return worker
