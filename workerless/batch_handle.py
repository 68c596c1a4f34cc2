"""A batch in the hands of who fills it: its maker, or the handler of one of its members."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workerless.batch_members import BatchMembers
from workerless.batching import Batching
from workerless.enqueueing import Options
from workerless.errors import WorkflowStateError
from workerless.frozen import replace
from workerless.handle import Job
from workerless.run_handle import Run

if TYPE_CHECKING:
    from workerless.job_type import JobType
    from workerless.payload import Payload, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Run, BatchMembers):
    """A batch that takes members. As a context manager it is let go at the end.

    Where that is left by an exception, a batch with an id of its maker's stays open for the maker
    to do it again; any other is cancelled, since nobody could fill it.
    """

    batching: Batching
    has_own_id: bool = True
    tenant: str | None = None
    correlation_id: str | None = None

    def _add[R: "Result | None"](
        self, job_type: "JobType[Any, R]", wanted: "Sequence[tuple[Payload, Options]]"
    ) -> list[Job[R]]:
        """Members belong to what their batch does, unless told otherwise."""
        named = [(payload, self._named(asked)) for payload, asked in wanted]
        return self.batching.added(self.id, job_type, named)

    def _named(self, asked: Options) -> Options:
        correlation_id = asked.correlation_id or self.correlation_id
        return replace(asked, tenant=self.tenant, correlation_id=correlation_id)

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
