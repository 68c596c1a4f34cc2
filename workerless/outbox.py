"""Jobs on their way: first their files, then their records, then their messages."""

from collections.abc import Mapping, Sequence
from itertools import batched

from workerless.enqueueing import Entry
from workerless.errors import EnqueueFailedError, JobConflictError, StoreUnavailableError
from workerless.payload_file import store_files
from workerless.ports import Blobs, Directory, Outgoing, Put, Queue, Store
from workerless.sending import send_all
from workerless.stored import interrupted, taken, unrecorded, unsent

# What is stored and then sent before the next: whole batches of both services, 25 and 10, sixteen
# of them at once.
_AT_ONCE = 400


class Outbox:
    """What leaves a client."""

    def __init__(self, *, store: Store, queue: Queue, directory: Directory, blobs: Blobs) -> None:
        self._store = store
        self._queue = queue
        self._directory = directory
        self._blobs = blobs

    def put_and_send(self, name: str, entries: Sequence[Entry]) -> Sequence[Put]:
        """What stands under each entry's id, once all messages are sent that must be.

        Raises ``UnknownJobTypeError`` before anything is stored, and ``BlobsUnavailableError``
        before any record is; else as ``Client.enqueue_many`` does.
        """
        self._directory.find(name)
        store_files([one.file for one in entries], self._blobs)
        puts: list[Put] = []
        failures: dict[str, str] = {}
        tried = 0
        # All entries of a call are recorded, or none is; those are told apart in one look.
        is_stored = all(one.is_recorded for one in entries)
        for some in batched(entries, _AT_ONCE if is_stored else max(len(entries), 1), strict=False):
            records = [one.record for one in some]
            try:
                found = self._store.put_many(records) if is_stored else unrecorded(some)
            except StoreUnavailableError as error:
                if len(entries) == 1:
                    raise
                raise interrupted(entries, puts, failures, unknown=len(some)) from error
            messages = unsent(some, found)
            failures |= self._try_to_send(name, messages)
            tried += len(messages)
            puts += found
        conflicts = [put.record.job_id for put in taken(entries, puts)]
        if failures:
            raise EnqueueFailedError(failures, total=tried, conflicts=conflicts)
        if conflicts:
            raise JobConflictError(conflicts)
        return puts

    def send(self, name: str, messages: Mapping[str, Outgoing]) -> None:
        """Send each job's message. Raises ``EnqueueFailedError`` naming those that failed."""
        if failures := self._try_to_send(name, messages):
            raise EnqueueFailedError(failures, total=len(messages))

    def _try_to_send(self, name: str, messages: Mapping[str, Outgoing]) -> dict[str, str]:
        """Why each job that failed did."""
        answers = send_all(self._queue, self._directory.find(name), list(messages.values()))
        return {
            job_id: failure.code
            for job_id, failure in zip(messages, answers, strict=True)
            if failure is not None
        }
