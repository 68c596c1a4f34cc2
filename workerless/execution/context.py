"""What a handler sees of its own job."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from workerless.errors import WorkerlessError
from workerless.execution.steps import Steps
from workerless.payload import Payload
from workerless.ports import Clock
from workerless.record import Progress
from workerless.signals import Continue, JobCancelled, LeaseLost

if TYPE_CHECKING:
    from workerless.execution.checkpoints import Checkpoints
    from workerless.execution.own_batch import OwnBatch
    from workerless.scheduled import Scheduled

_MAX_META_CHARACTERS = 2_000
# A write a second is enough for people to watch, whatever the handler's loop does.
_MIN_BETWEEN_WRITES = timedelta(seconds=1)
_MIN_BETWEEN_LOOKS = timedelta(seconds=5)
# What a process that dies has done in this time is done again.
_BETWEEN_CHECKPOINTS = timedelta(seconds=5)


def _no_batch() -> "OwnBatch":
    raise WorkerlessError("this context was made without batches: add to one by a client here")


@dataclass(slots=True, kw_only=True)
class JobContext[C = Any]:
    """One attempt of one job, for its handler; ``C`` is the ``cursor`` that its type declares.

    ``attempt`` counts from 1 to ``max_attempts``. ``deadline`` is when ``SoftTimeout`` is raised.
    """

    job_id: str
    job_type: str
    attempt: int
    max_attempts: int
    deadline: datetime
    logger: "logging.LoggerAdapter[logging.Logger]"
    clock: Clock
    save_progress: Callable[[Progress, datetime], bool]
    steps: Steps
    tenant: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    ask_why_cancelled: Callable[[], str | None] = lambda: None
    scheduled: "Scheduled | None" = None
    listen: Callable[[str, type[Payload], timedelta], Payload | None] = lambda *_: None
    make_token: Callable[[str, timedelta], str] = lambda *_: ""
    open_batch: "Callable[[], OwnBatch]" = _no_batch
    checkpoints: "Checkpoints | None" = None
    _saved_at: datetime | None = field(default=None, init=False)
    _looked_at: datetime | None = field(default=None, init=False)
    _began_at: datetime = field(init=False)
    why_cancelled: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._began_at = self.clock.now()

    @property
    def scheduled_for(self) -> datetime | None:
        """The tick of its schedule that the job is for; None of a job that no schedule made."""
        return self.scheduled.time if self.scheduled else None

    @property
    def covers(self) -> tuple[datetime | None, datetime] | None:
        """What the job stands for: all that was due later than the first and up to the second.

        The second is ``scheduled_for``, the first the tick of the run before, None where there was
        none. A run that makes up for several missed ticks covers them all.
        """
        return (self.scheduled.after, self.scheduled.time) if self.scheduled else None

    @property
    def batch(self) -> "OwnBatch":
        """The batch that the job is a member of, to add others to while it runs.

        Raises ``WorkerlessError`` for a job that is in none.
        """
        return self.open_batch()

    @property
    def cursor(self) -> C | None:
        """Where the job goes on: its last checkpoint, of whichever attempt; None before the first.

        Raises ``WorkerlessError`` for one of another version of the job type that does not fit.
        """
        return cast("C | None", self.checkpoints.cursor()) if self.checkpoints else None

    def checkpoint(self, cursor: C) -> None:
        """Keep that all before ``cursor`` is done: however the attempt ends, the job goes on there.

        Raises ``Continue`` near ``deadline``: let it pass, and it goes on in a fresh invocation.
        Raises ``ValueError`` for what cannot be kept, ``LeaseLost``, ``StoreUnavailableError`` and
        ``JobCancelled`` as ``once`` does, ``WorkerlessError`` where the job type has no cursor.
        """
        checkpoints = self._course()
        if not checkpoints.keep(cursor, self.clock.now()):
            raise LeaseLost
        self._heed()
        if checkpoints.is_near(self.deadline, self.clock.now()):
            raise Continue

    def each[T](
        self, items: Iterable[tuple[T, C]], *, every: timedelta = _BETWEEN_CHECKPOINTS
    ) -> Iterator[T]:
        """The items one by one, each of which comes with the cursor from which all after it follow.

        What the loop has done with is kept as by ``checkpoint``: each ``every``, at the end, and
        whenever the attempt ends. So only a process that dies repeats some items. Raises as that.
        """
        checkpoints, kept_at = self._course(), self.clock.now()
        after: C | None = None
        for item, after in items:
            yield item
            now = self.clock.now()
            checkpoints.reach(after, now)
            if now - kept_at >= every or checkpoints.is_near(self.deadline, now):
                self.checkpoint(after)
                kept_at = now
        if after is not None:
            self.checkpoint(after)

    def _course(self) -> "Checkpoints":
        if self.checkpoints is None:
            raise WorkerlessError(
                f"{self.job_type} must say what its checkpoints are, and declares no cursor; add "
                "cursor=int, or what else they are, to its JobType"
            )
        return self.checkpoints

    def time_left(self) -> timedelta:
        """Until ``deadline``; never negative."""
        return max(self.deadline - self.clock.now(), timedelta(0))

    @property
    def cancelled(self) -> bool:
        """Whether somebody has called the job off since it began, as far as is known.

        Asks the store when first read, and then at most every 5 seconds.
        """
        self._look(since=self._looked_at)
        return self.why_cancelled is not None

    def raise_if_cancelled(self) -> None:
        """Raises ``JobCancelled`` where ``cancelled`` says so."""
        if self.cancelled:
            raise JobCancelled(self.why_cancelled or "")

    def progress(self, percent: float, step: str | None = None, **meta: Any) -> None:
        """Tell how far the job is, 0 to 100, and what it is doing; shown by ``status``.

        Written at most once a second, and always at 100. Raises ``ValueError`` for what cannot be
        stored, ``LeaseLost`` when another attempt has taken over and ``JobCancelled`` when the job
        was called off: a job that runs for 5 seconds asks that here.
        """
        now = self.clock.now()
        progress = _checked(percent, step, meta)
        due = self._saved_at is None or now - self._saved_at >= _MIN_BETWEEN_WRITES
        if not due and percent < 100:  # noqa: PLR2004 -- per cent
            return
        if not self.save_progress(progress, now):
            raise LeaseLost
        self._saved_at = now
        self._heed()

    def once[T](self, key: str, function: Callable[[], T], *, model: type[T] | None = None) -> T:
        """What ``function`` returned the first time in this job's life.

        As JSON has it, or as a ``model``: whatever pydantic knows, like a class of its own, a
        dataclass or ``datetime``. It runs again only if a process dies after it and before the note
        is written. ``key`` has 1 to 100 printable characters; all that a job keeps takes at most
        64 KiB.

        Raises ``ValueError`` for what cannot be kept, ``LeaseLost`` when another attempt has taken
        over, ``StoreUnavailableError``, and ``WorkerlessError`` when tracking is off; and
        ``JobCancelled`` as ``progress`` does.
        """
        self._heed()
        return cast("T", self.steps.once(key, function, model))

    def wait_for[E: Payload](self, name: str, model: type[E], *, timeout: timedelta) -> E | None:
        """The event ``name`` of this job; None once nobody has sent it for ``timeout``.

        Where it is not there yet the job ends here, and begins again from its first line when it
        comes: what was done before belongs into ``once``. The time counts from the first call, and
        is at most 10 years. No attempt is spent, nothing runs and nothing is paid for meanwhile.

        Raises ``EventAwaited``, which must pass; ``ValueError`` for a name or a time that cannot
        be, and as ``once`` does.
        """
        self._heed()
        return cast("E | None", self.listen(name, model, timeout))

    def token(self, event: str, *, expires_in: timedelta) -> str:
        """A text that lets whoever has it send ``event`` to this job, without any other right.

        Another one each time; all stay good until ``expires_in`` (at most 365 days) is over. Raises
        ``ValueError``, ``StoreUnavailableError``, and ``WorkerlessError`` when tracking is off.
        """
        return self.make_token(event, expires_in)

    async def once_async[T](
        self, key: str, function: Callable[[], Awaitable[T]], *, model: type[T] | None = None
    ) -> T:
        """``once`` for a coroutine function."""
        self._heed()
        return cast("T", await self.steps.once_async(key, function, model))

    def _heed(self) -> None:
        self._look(since=self._looked_at or self._began_at)
        if self.why_cancelled is not None:
            raise JobCancelled(self.why_cancelled)

    def _look(self, *, since: datetime | None) -> None:
        now = self.clock.now()
        if self.why_cancelled is None and (since is None or now - since >= _MIN_BETWEEN_LOOKS):
            self._looked_at = now
            self.why_cancelled = self.ask_why_cancelled()


def _checked(percent: float, step: str | None, meta: dict[str, Any]) -> Progress:
    if not 0 <= percent <= 100:  # noqa: PLR2004 -- per cent
        raise ValueError(f"percent must be between 0 and 100, got {percent}")
    try:
        json.dumps(percent)  # a Decimal can be compared, and not be stored
        text = json.dumps({"step": step, **meta}, allow_nan=False, ensure_ascii=False)
        text.encode()  # half a character is no text that a store could keep
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"percent, step and meta must be JSON: {error}") from error
    if len(text) > _MAX_META_CHARACTERS:
        raise ValueError(
            f"step and meta must be at most {_MAX_META_CHARACTERS} characters of JSON, "
            f"got {len(text)}"
        )
    return Progress(percent=percent, step=step, meta=meta)
