"""How deep a job is: how many jobs stand above it, each enqueued by the handler of the one before.

A handler that enqueues its own type for ever is a loop that nothing else ends: Lambda's own
detection of loops stops functions, and is switched off for workers, which send to themselves.
"""

from contextvars import ContextVar

from workerless.errors import EnqueueRefusedError

_handled: ContextVar[int | None] = ContextVar("workerless_depth", default=None)
# Threads that a handler starts have no context of its: whatever runs here may be theirs.
_running: list[int] = []


class Handling:
    """Meanwhile the handler of a job so deep is at work."""

    # As a generator it would cost a quick job 2 % more.
    def __init__(self, depth: int) -> None:
        self._depth = depth

    def __enter__(self) -> None:
        self._token = _handled.set(self._depth)
        _running.append(self._depth)

    def __exit__(self, *raised: object) -> None:
        _running.remove(self._depth)
        _handled.reset(self._token)


def next_depth() -> int:
    """That of a job that is enqueued here: 0 outside of handlers, 1 in that of a job so enqueued.

    In a thread that is none of ours it is as if the deepest job had begun it that runs here.
    """
    above = _handled.get()
    if above is None:
        above = max(_running, default=None)
    return 0 if above is None else above + 1


def check_depth(job_type: str, depth: int, most: int) -> None:
    """Raises ``EnqueueRefusedError`` for a job deeper than its type allows."""
    if depth > most:
        raise EnqueueRefusedError(
            f"depth of jobs of {job_type} must be at most {most}, got {depth}: so many jobs have "
            "enqueued each other, one in the other's handler. If that is no loop, raise max_depth "
            "of the job type",
            field="depth",
        )
