"""What the library raises. One base; a subclass exists only because somebody catches it."""

from collections.abc import Mapping, Sequence


class WorkerlessError(Exception):
    """Everything the library raises on purpose."""


class DeclarationError(WorkerlessError, ValueError):
    """A job type says something that cannot be; raised when its module is imported."""


class EnqueueRefusedError(WorkerlessError, ValueError):
    """The caller asked for something no queue can carry; nothing was stored or sent.

    ``field`` is what is wrong, where that is known: an option, or a path into the payload.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class EnqueueFailedError(WorkerlessError):
    """Some messages could not be sent, after every retry; their records, if any, wait.

    ``failures`` maps job ids to SQS' error codes; ``conflicts`` are ids that are another job's, as
    in ``JobConflictError``; all other entries are on their way. Enqueueing a failed one again with
    the same id sends its message and can not run it twice, unless tracking is off:
    nobody knows then whether the first was accepted after all.
    """

    def __init__(
        self, failures: Mapping[str, str], *, total: int, conflicts: Sequence[str] = ()
    ) -> None:
        first = next(iter(failures.items()))
        taken = f"; {len(conflicts)} ids are other jobs': use other ids" if conflicts else ""
        super().__init__(
            f"{len(failures)} of {total} messages were not sent (job {first[0]!r}: {first[1]}); "
            f"enqueue them again with the same ids{taken}"
        )
        self.failures = dict(failures)
        self.conflicts = list(conflicts)


class NoProgressError(WorkerlessError):
    """A long job asked to continue, and its cursor was where the attempt had found it."""


class QueueFullError(WorkerlessError):
    """As many jobs wait as their job type allows; nothing was stored or sent."""


class JobConflictError(WorkerlessError):
    """Ids are taken by jobs with another payload or type, which are as they were, or by runs.

    ``job_ids`` names them; all other entries of the call are on their way.
    """

    def __init__(self, job_ids: Sequence[str], why: str | None = None) -> None:
        super().__init__(
            why
            or f"job id {job_ids[0]!r} is taken by a job with another payload or type"
            f"{f', and so are {len(job_ids) - 1} more' if len(job_ids) > 1 else ''}; "
            "use another id, or the same payload"
        )
        self.job_ids = list(job_ids)


class JobNotFoundError(WorkerlessError):
    """No record has this job id: not enqueued here, not started yet, untracked, or too old."""


class JobStateError(WorkerlessError):
    """The job is in a state that does not allow what was asked."""


class WorkflowStateError(WorkerlessError):
    """The workflow or batch is in a state that does not allow what was asked."""


class OperationNotFoundError(WorkerlessError):
    """No bulk operation has this id: never started in this stage, or past its retention."""


class OperationRefusedError(WorkerlessError, ValueError):
    """An operation, or a pause, that cannot be; nothing was done."""


class ContainerNotFoundError(WorkerlessError):
    """No batch or workflow has this id: never started in this stage, or past its retention."""

    def __init__(self, container_id: str) -> None:
        super().__init__(
            f"no batch or workflow has the id {container_id!r}: never started in this stage, or "
            "past its retention"
        )


class BatchClosedError(WorkerlessError):
    """A batch that has ended, or is called off, takes no more members.

    ``is_called_off``: somebody does not want them.
    """

    def __init__(self, container_id: str, state: str) -> None:
        super().__init__(f"batch {container_id!r} is {state}: it takes no more members")
        self.is_called_off = state in {"called off", "cancelled"}


class BatchFullError(WorkerlessError, ValueError):
    """A batch has as many members as it may have, or as many calls that added some."""


class ScheduleNotFoundError(WorkerlessError):
    """No schedule of this stage has this id."""


class ResultMissingError(WorkerlessError):
    """The job completed, and the file of its result is gone or is not what was stored."""


class CursorRefusedError(WorkerlessError, ValueError):
    """A cursor that is none of ours, or that of another search."""


class UnknownJobTypeError(WorkerlessError):
    """No deployed job type of this stage has this name."""


class WaitTimeoutError(WorkerlessError, TimeoutError):
    """The job had not ended when the caller's patience did; it goes on."""


class QueueUnavailableError(WorkerlessError):
    """The queue did not answer."""


class PlatformUnavailableError(WorkerlessError):
    """AWS did not tell what is deployed, or what it wrote in its logs."""


class StoreUnavailableError(WorkerlessError):
    """The store did not answer, or answered with something that is not an answer."""


class RecordUnreadableError(StoreUnavailableError):
    """A record is there that this version cannot read: a later one may have written it."""


class EnqueueInterruptedError(EnqueueFailedError, StoreUnavailableError):
    """The store fell silent while many jobs were enqueued; each payload's position is in one list.

    ``sent`` are on their way. ``unsent`` are stored and the sweeper will send them; ``failures``
    says why they are not sent. ``taken`` have the id of another job. For ``unknown`` the store gave
    no answer: the sweeper will send those that it has. ``untouched`` were never stored.
    """

    def __init__(
        self,
        failures: Mapping[str, str],
        *,
        sent: Sequence[int],
        unsent: Sequence[int],
        taken: Sequence[int],
        unknown: Sequence[int],
        untouched: Sequence[int],
    ) -> None:
        WorkerlessError.__init__(
            self,
            f"the store gave no answer for {len(unknown)} jobs, from position {unknown[0]} on; "
            f"{len(sent)} before are on their way, {len(unsent)} are stored and not sent yet, "
            f"{len(taken)} have an id that is taken, {len(untouched)} after were never stored; "
            "enqueue again with idempotency keys",
        )
        self.failures = dict(failures)
        self.sent = list(sent)
        self.unsent = list(unsent)
        self.taken = list(taken)
        self.unknown = list(unknown)
        self.untouched = list(untouched)


class BlobsUnavailableError(WorkerlessError):
    """The store of files did not answer, or answered with something that is not an answer."""


class BlobNotFoundError(WorkerlessError):
    """No file has this key: never stored, or past its time."""
