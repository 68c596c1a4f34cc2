"""Adding members to a batch: what its maker and the handlers of its members have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from workerless.enqueueing import Options
from workerless.errors import EnqueueRefusedError
from workerless.handle import Job

if TYPE_CHECKING:
    from workerless.job_type import JobType
    from workerless.payload import Payload, Result
    from workerless.priority import Priority


class MemberOptions(TypedDict, total=False):
    """What may be said of members, as ``Client.enqueue`` takes it; their tenant is the batch's."""

    delay: timedelta
    attempts: int | None
    priority: "Priority | int | str | None"
    lane: str | None
    correlation_id: str | None
    expires_in: timedelta | None
    tags: Sequence[str]


class BatchMembers(ABC):
    """A batch that takes members; ``_add`` says what they have of who adds them."""

    __slots__ = ()

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

        Nor is, of a handler, the same payload without either. Each call makes a page of the batch,
        and it has 2,000 at most: ``add_many`` takes hundreds. Raises as ``Client.enqueue`` does,
        ``BatchClosedError`` for a batch that has ended, ``BatchFullError``,
        ``ContainerNotFoundError``, and ``EnqueueRefusedError`` for a job type that a handler adds
        and that is not among the ``children`` of its own.
        """
        asked = _options(job_id=job_id, idempotency_key=idempotency_key, **options)
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
        Equal payloads in one call of a handler need keys. Raises as ``add`` and
        ``Client.enqueue_many`` do.
        """
        keys = [idempotency_key(one) if idempotency_key else None for one in payloads]
        asked = [_options(idempotency_key=one, **options) for one in keys]
        return self._add(job_type, list(zip(payloads, asked, strict=True)))

    @abstractmethod
    def _add[R: "Result | None"](
        self, job_type: "JobType[Any, R]", wanted: "Sequence[tuple[Payload, Options]]"
    ) -> list[Job[R]]: ...


def _options(**asked: Any) -> Options:  # a caller's, which no type checker may have seen
    if "tenant" in asked:
        raise EnqueueRefusedError(
            f"tenant of a member is its batch's, got {asked['tenant']!r}: name it when the batch "
            "is made, client.batch(tenant=...)",
            field="tenant",
        )
    return Options(**asked)
