"""A batch in the hands of who fills it: its maker, or the handler of one of its members."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from workerless.batching import Batching, MemberOptions
from workerless.enqueueing import Options
from workerless.errors import WorkflowStateError
from workerless.frozen import replace
from workerless.handle import Job
from workerless.run_handle import Run

if TYPE_CHECKING:
    from workerless.job_type import JobType
    from workerless.payload import Payload, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Run):
    """A batch that takes members. As a context manager it is let go at the end.

    Where that is left by an exception, a batch with an id of its maker's stays open for the maker
    to do it again; any other is cancelled, since nobody could fill it.
    """

    batching: Batching
    has_own_id: bool = True
    tenant: str | None = None
    correlation_id: str | None = None

    def add[P: "Payload", R: "Result | None"](
        self,
        job_type: "JobType[P, R]",
        payload: P,
        *,
        job_id: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[MemberOptions],
    ) -> Job[R]:
        """Enqueue one more member; the same under the same id, or key in the batch, is no other.

        Each call makes a page of the batch, and it has 2,000 at most: ``add_many`` takes hundreds.
        Raises as ``Client.enqueue`` does, and ``BatchClosedError`` for a batch that has ended,
        ``BatchFullError``, ``ContainerNotFoundError``.
        """
        asked = Options(
            job_id=job_id, idempotency_key=idempotency_key, tenant=self.tenant, **options
        )
        return self._add(job_type, [(payload, asked)])[0]

    def add_many[P: "Payload", R: "Result | None"](
        self,
        job_type: "JobType[P, R]",
        payloads: Sequence[P],
        *,
        idempotency_key: Callable[[P], str] | None = None,
        **options: Unpack[MemberOptions],
    ) -> list[Job[R]]:
        """The same with a member for each payload; handles in the same order.

        Repeat a call that failed with the same payloads and keys: they are the same members then.
        Raises as ``add`` and ``Client.enqueue_many`` do.
        """
        keys = [idempotency_key(one) if idempotency_key else None for one in payloads]
        asked = [Options(idempotency_key=one, tenant=self.tenant, **options) for one in keys]
        return self._add(job_type, list(zip(payloads, asked, strict=True)))

    def _add[R: "Result | None"](
        self, job_type: "JobType[Any, R]", wanted: "Sequence[tuple[Payload, Options]]"
    ) -> list[Job[R]]:
        """Members belong to what their batch does, unless told otherwise."""
        named = [
            (payload, replace(asked, correlation_id=asked.correlation_id or self.correlation_id))
            for payload, asked in wanted
        ]
        return self.batching.added(self.id, job_type, named)

    def let_go(self) -> None:
        """Say that no more members come but from its members: once all have ended, it has.

        Raises ``StoreUnavailableError``.
        """
        self.batching.let_go(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.let_go()
        elif not self.has_own_id:
            with suppress(WorkflowStateError):  # its hold was over
                self.cancel(f"it was not filled: {kind.__name__}")
