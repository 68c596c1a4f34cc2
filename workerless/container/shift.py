"""What one process of a container does: take messages, run their jobs, acknowledge, again.

It ends when it is told to, or has done enough to be replaced by a fresh one. Messages of a queue
that is paused stay there. Whatever was taken and did not begin is put back at once, no attempt
spent, as a Lambda function does whose time runs out.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from workerless.errors import QueueUnavailableError, StoreUnavailableError, WorkerlessError
from workerless.execution.runtime import Ports
from workerless.flow.settings import NO_SETTINGS, FlowSettings
from workerless.frozen import frozen
from workerless.limits import MAX_BATCH_ENTRIES
from workerless.worker import Worker

# One long poll over all queues; who is told to stop in the middle ends after it. `docker stop`
# waits for 10 s.
POLL_SECONDS = 5
_LOOK_AGAIN = timedelta(seconds=5)
_PAUSE = timedelta(seconds=1)


class Intake(Protocol):
    """The messages of queues, as Lambda would hand them over."""

    def take(self, queue: str, *, limit: int, wait_seconds: int) -> Sequence[Mapping[str, Any]]:
        """Up to ``limit`` (1 to 10) records. Raises ``QueueUnavailableError``."""
        ...

    def acknowledge(self, queue: str, receipts: Sequence[str]) -> None:
        """What cannot be deleted comes back, as a duplicate."""
        ...


class Settings(Protocol):
    """What people changed at run time."""

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]: ...


class End(StrEnum):
    """Why a shift is over: ``STOPPED`` by somebody, or to be ``REPLACED``."""

    STOPPED = "stopped"
    REPLACED = "replaced"


@frozen
class Post:
    """One worker and its world. ``queues`` are addresses by lane; of a type without lanes by None.

    ``is_stopping`` becomes True once, ``memory_mib`` is that of the process, ``alive`` says for how
    many seconds it may now be silent, ``ends_in`` ends the process unless its body does so in time.
    """

    worker: Worker
    ports: Ports
    queues: Mapping[str | None, str]
    intake: Intake
    settings: Settings
    is_stopping: Callable[[], bool]
    memory_mib: Callable[[], float]
    alive: Callable[[float], None]
    ends_in: Callable[[timedelta], AbstractContextManager[None]]


def run_shift(post: Post, *, max_jobs: int, max_memory_mib: float) -> End:
    """Work until told to stop, or until one of the two is reached: then another should follow.

    Raises ``WorkerlessError`` where that is the memory, and no job has run: another would do none
    either.
    """
    done, look = 0, _Look(post)
    if (memory := post.memory_mib()) >= max_memory_mib:
        raise WorkerlessError(
            f"--max-memory must be above what a process uses before its first job, {memory:.0f} "
            f"MiB, got {max_memory_mib:.0f} (by default the job type's memory_mb)"
        )
    while not post.is_stopping():
        if done >= max_jobs or post.memory_mib() >= max_memory_mib:
            return End.REPLACED
        done += _round(post, look.open_queues())
    return End.STOPPED


def _round(post: Post, queues: Sequence[str]) -> int:
    """Ask each queue once; how many messages there were. All queues have equal turns."""
    post.alive(2 * POLL_SECONDS + _LOOK_AGAIN.total_seconds())
    if not queues:
        post.ports.clock.sleep(_PAUSE)
    done = 0
    for queue in queues:
        if post.is_stopping():
            break
        try:
            done += _turn(post, queue, wait_seconds=max(1, POLL_SECONDS // len(queues)))
        except QueueUnavailableError as error:
            post.ports.telemetry.trouble("queue_unavailable", error, queue=queue)
            post.ports.clock.sleep(_PAUSE)
    return done


def _turn(post: Post, queue: str, *, wait_seconds: int) -> int:
    job_type = post.worker.job_type
    limit = min(job_type.batch_size, MAX_BATCH_ENTRIES)
    records = post.intake.take(queue, limit=limit, wait_seconds=wait_seconds)
    if not records:
        return 0
    allowed = job_type.function_timeout
    post.alive(2 * allowed.total_seconds())
    with post.ends_in(allowed):
        answer = post.worker.run(records, post.ports, allowed, is_stopping=post.is_stopping)
        kept = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        done = [one["receiptHandle"] for one in records if one["messageId"] not in kept]
        post.intake.acknowledge(queue, done)
    return len(records)


class _Look:
    """The pauses, as they were a few seconds ago: a mapping needs as long to be switched off."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._known = NO_SETTINGS
        self._until = post.ports.clock.now()

    def open_queues(self) -> list[str]:
        """Those whose jobs may start. A store that is silent changes nothing."""
        clock, name = self._post.ports.clock, self._post.worker.job_type.name
        now = clock.now()
        if now >= self._until:
            self._until = now + _LOOK_AGAIN
            try:
                (self._known,) = self._post.settings.read_many([name])
            except StoreUnavailableError as error:
                self._post.ports.telemetry.trouble("store_unavailable", error)
        return [
            queue
            for lane, queue in self._post.queues.items()
            if self._known.paused(now, lane=lane) is None
        ]
