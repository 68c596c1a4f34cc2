"""How deep a job is: how many jobs stand above it, each enqueued by the handler of the one before.

A handler that enqueues its own type for ever is a loop that nothing else ends: Lambda's own
detection of loops stops functions, and is switched off for workers, which send to themselves.
"""

from workerless.errors import EnqueueRefusedError
from workerless.origin import origin


def next_depth() -> int:
    """That of a job that is enqueued here: 0 outside of handlers, 1 in that of a job so enqueued.

    In a thread that is none of ours it is as if the deepest job had begun it that runs here.
    """
    return origin().depth + 1


def check_depth(job_type: str, depth: int, most: int) -> None:
    """Raises ``EnqueueRefusedError`` for a job deeper than its type allows."""
    if depth > most:
        raise EnqueueRefusedError(
            f"depth of jobs of {job_type} must be at most {most}, got {depth}: so many jobs have "
            "enqueued each other, one in the other's handler. If that is no loop, raise max_depth "
            "of the job type",
            field="depth",
        )
