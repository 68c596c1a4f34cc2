"""Workers whose handlers take several jobs at once: one request for a hundred rows, not a hundred.

``handler = chunk_worker(index_page)(perform)``; all else is as with ``workerless.worker``.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, overload

from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.execution.perform import Perform
from workerless.hooks import Hooks
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.worker import Worker, ready

type PerformsMany[P: Payload, A] = (
    Callable[[Sequence[P]], A]
    | Callable[[Sequence[P], Sequence[JobContext[Any]]], A]
    | Callable[[Sequence[P]], Awaitable[A]]
    | Callable[[Sequence[P], Sequence[JobContext[Any]]], Awaitable[A]]
)


@overload
def chunk_worker[P: Payload](
    job_type: JobType[P, None, Any],
    *,
    hooks: Sequence[Hooks] = (),
    on_init: Callable[[], None] | None = None,
    on_shutdown: Callable[[], None] | None = None,
) -> Callable[[PerformsMany[P, Sequence[BaseException | None] | None]], Worker]: ...
@overload
def chunk_worker[P: Payload, R: Result](
    job_type: JobType[P, R, Any],
    *,
    hooks: Sequence[Hooks] = (),
    on_init: Callable[[], None] | None = None,
    on_shutdown: Callable[[], None] | None = None,
) -> Callable[[PerformsMany[P, Sequence[R | BaseException]]], Worker]: ...
def chunk_worker(
    job_type: JobType[Any, Any, Any],
    *,
    hooks: Sequence[Hooks] = (),
    on_init: Callable[[], None] | None = None,
    on_shutdown: Callable[[], None] | None = None,
) -> Callable[[PerformsMany[Any, Any]], Worker]:
    """As ``worker``, for a handler that takes up to ``batch_size`` payloads at once.

    It returns a list with a result or an exception for each, in their order, as
    ``asyncio.gather(..., return_exceptions=True)`` does; None where no job has a result. What it
    raises, each of its jobs has raised. ``timeout`` is for the whole call.

    Raises ``DeclarationError`` for a job type whose batches hold one job, or that has a cursor.
    """
    if job_type.batch_size == 1:
        raise DeclarationError(
            f"{job_type.name}: batch_size must be above 1 for a handler that takes several jobs at "
            "once, got 1"
        )
    if job_type.cursor is not None:
        raise DeclarationError(
            f"{job_type.name}: cursor must be None for a handler that takes several jobs at once: "
            f"each would have to go on by itself, got {job_type.cursor!r}"
        )

    def join(perform: PerformsMany[Any, Any]) -> Worker:
        looked_at = Perform.of(perform, takes_many=True)
        return ready(Worker(job_type, looked_at, hooks, on_init=on_init, on_shutdown=on_shutdown))

    return join
