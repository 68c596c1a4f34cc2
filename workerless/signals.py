"""What a job may raise to say how it ends. Anything else it raises is a failed attempt.

``Snooze`` and ``RetryAfter`` both come back later: a snooze spends no attempt (the job was not
ready), a ``RetryAfter`` spends one (the other side refused). ``Continue`` goes on at once, from a
checkpoint. ``Discard`` ends quietly, ``Fail`` in the dead-letter queue.
"""

from datetime import timedelta

from workerless.limits import MAX_WAIT


class Signal(Exception):
    """Base of what a job may raise on purpose."""


class Snooze(Signal):
    """Run me again after ``delay`` (0 s to 10 years); this run does not count as an attempt."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"snoozed for {delay}")
        self.delay = _checked("Snooze", delay)


class RetryAfter(Signal):
    """This attempt failed and the other side said when to come back (0 s to 10 years).

    ``dependency`` is the declared one that said so (``JobType.needs``); the only one by default. No
    worker asks it again before that, for an hour at most.
    """

    def __init__(
        self, delay: timedelta, message: str = "", *, dependency: str | None = None
    ) -> None:
        super().__init__(message or f"asked to retry after {delay}")
        self.delay = _checked("RetryAfter", delay)
        self.dependency = dependency


class Discard(Signal):
    """The job is no longer wanted: it ends as discarded, without retry or dead letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = str(reason)  # a handler may say Discard(404), and settling must not break


class Fail(Signal):
    """The job can never succeed: it goes to the dead-letter queue at once."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = str(reason)


class Continue(BaseException):
    """Go on from ``cursor``, or the last checkpoint, in a fresh invocation: no attempt is spent.

    A job whose cursor has not moved since the attempt began has failed that attempt, as
    ``NoProgressError``. A ``BaseException``, for the same reason as ``SoftTimeout``:
    ``job.checkpoint`` and ``job.each`` raise it inside the handler. Let it pass.
    """

    def __init__(self, cursor: object = None) -> None:
        super().__init__("goes on in a fresh invocation")
        self.cursor = cursor


class SoftTimeout(BaseException):
    """The job used up its ``timeout``; raised inside the handler, so that it may clean up.

    A ``BaseException``, so that ``except Exception`` in a loop cannot swallow it.
    """


class Interrupted(BaseException):
    """The process of a container ends before the job does; raised inside the handler.

    Let it pass, and the job comes back at once, no attempt spent. A ``BaseException``, for the same
    reason as ``SoftTimeout``.
    """


class LeaseLost(BaseException):
    """Another attempt owns this job now: whatever this one still does is thrown away.

    A ``BaseException`` for the same reason as ``SoftTimeout``.
    """


class JobCancelled(BaseException):
    """Somebody has called the job off while it runs; raised inside the handler.

    At ``job.progress``, before a step of ``job.once``, and by ``job.raise_if_cancelled``. Let it
    pass, and the job ends as cancelled. A ``BaseException``, for the same reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = str(reason)  # as of Discard


class EventAwaited(BaseException):
    """The event that the job waits for is not there; raised by ``job.wait_for``.

    Let it pass, and the job is called again once the event has come, or ``delay`` is over. A
    ``BaseException``, for the same reason.
    """

    def __init__(self, event: str, delay: timedelta, *, job_id: str) -> None:
        super().__init__(f"job {job_id} waits for {event!r}, {delay} at most")
        self.event = event
        self.delay = delay
        self.job_id = job_id


def _checked(name: str, delay: timedelta) -> timedelta:
    if not timedelta(0) <= delay <= MAX_WAIT:
        raise ValueError(f"{name} delay must be between 0 s and {MAX_WAIT}, got {delay}")
    return delay
