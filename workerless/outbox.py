"""Jobs on their way: first their files, then their records, then their messages."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched

from workerless.enqueueing import Entry
from workerless.errors import EnqueueFailedError, JobConflictError, StoreUnavailableError
from workerless.event_ports import EventStore
from workerless.eventing import Post
from workerless.guard import Guard
from workerless.payload_file import store_files
from workerless.placing import Stood, put_unique
from workerless.ports import Blobs, Clock, Directory, Outgoing, Put, Queue, Store
from workerless.sending import send_all
from workerless.stored import interrupted, taken, unrecorded, unsent
from workerless.unique_ports import UniqueStore

type Place = Callable[[Sequence[Entry]], Sequence[Entry]]

# What is stored and then sent before the next: whole batches of both services, 25 and 10, sixteen
# of them at once.
_AT_ONCE = 400


class Outbox:
    """What leaves a client."""

    def __init__(
        self,
        *,
        store: Store,
        unique: UniqueStore,
        queue: Queue,
        directory: Directory,
        blobs: Blobs,
        clock: Clock,
        events: EventStore | None = None,
        told: Callable[[str, int], object] | None = None,
    ) -> None:
        """``told`` hears of each job type how many new jobs are on their way."""
        self._store = store
        self._unique = unique
        self._guard = Guard(queue, clock)
        self._clock = clock
        self._queue = queue
        self._directory = directory
        self._blobs = blobs
        self._events = events
        self._told = told

    @property
    def post(self) -> Post | None:
        """What sends events to jobs; None where nobody keeps any."""
        if self._events is None:
            return None
        return Post(
            store=self._store,
            events=self._events,
            queue=self._queue,
            directory=self._directory,
            clock=self._clock,
        )

    def put_and_send(
        self, name: str, entries: Sequence[Entry], *, place: Place | None = None
    ) -> Sequence[Put]:
        """What stands under each entry's id, once all messages are sent that must be.

        ``place`` is given those that may go on, before any of them is recorded.
        Raises ``UnknownJobTypeError`` and ``QueueFullError`` before anything is stored, and
        ``BlobsUnavailableError`` before any record is; else as ``Client.enqueue_many`` does.
        """
        address = self._directory.find(name)
        entries = self._guard.pass_on(entries, address)
        entries = self._ready(entries, place)
        stood: list[Stood] = []
        failures: dict[str, str] = {}
        tried = 0
        # All entries of a call are recorded, or none is; those are told apart in one look.
        is_stored = all(one.is_recorded for one in entries)
        for some in batched(entries, _AT_ONCE if is_stored else max(len(entries), 1), strict=False):
            try:
                found = self._stored(some, is_stored=is_stored)
            except StoreUnavailableError as error:
                if len(entries) == 1:
                    raise
                left = entries[len(stood) :]
                raise interrupted(
                    [*_entries(stood), *left], _puts(stood), failures, unknown=len(some)
                ) from error
            messages = unsent(_entries(found), _puts(found))
            failures |= self._sent(name, found, messages, is_stored=is_stored)
            tried += len(messages)
            stood += found
        self._guard.give_back(entries, address, sent=tried)
        conflicts = [put.record.job_id for put in taken(_entries(stood), _puts(stood))]
        if failures:
            raise EnqueueFailedError(failures, total=tried, conflicts=conflicts)
        if conflicts:
            raise JobConflictError(conflicts)
        return _puts(stood)

    def _ready(self, entries: Sequence[Entry], place: Place | None) -> Sequence[Entry]:
        """The entries as they may be recorded: their files first."""
        store_files([one.file for one in entries], self._blobs)
        return place(entries) if place else entries

    def _stored(self, entries: Sequence[Entry], *, is_stored: bool) -> Sequence[Stood]:
        """What became of each entry, in order. Raises ``StoreUnavailableError``."""
        if (rule := entries[0].job_type.unique) is not None:
            return put_unique(entries, rule, self._unique, self._clock)
        records = [one.record for one in entries]
        puts = self._store.put_many(records) if is_stored else unrecorded(entries)
        return [Stood(entry=one, put=put) for one, put in zip(entries, puts, strict=True)]

    def _sent(
        self,
        name: str,
        found: Sequence[Stood],
        messages: Mapping[str, Outgoing],
        *,
        is_stored: bool,
    ) -> dict[str, str]:
        """Why each message that could not be sent was not; without a record its job is lost."""
        failures = self._try_to_send(name, messages)
        new = sum(one.put.created for one in found)
        self._tell(name, new if is_stored else new - len(failures))
        return failures

    def send(self, name: str, messages: Mapping[str, Outgoing], *, is_new: bool = False) -> None:
        """Send each job's message. Raises ``EnqueueFailedError`` naming those that failed."""
        failures = self._try_to_send(name, messages)
        if is_new:
            self._tell(name, len(messages) - len(failures))
        if failures:
            raise EnqueueFailedError(failures, total=len(messages))

    def _tell(self, name: str, jobs: int) -> None:
        if self._told is not None and jobs:
            self._told(name, jobs)

    def _try_to_send(self, name: str, messages: Mapping[str, Outgoing]) -> dict[str, str]:
        """Why each job that failed did."""
        answers = send_all(self._queue, self._directory.find(name), list(messages.values()))
        return {
            job_id: failure.code
            for job_id, failure in zip(messages, answers, strict=True)
            if failure is not None
        }


def _entries(stood: Sequence[Stood]) -> list[Entry]:
    return [one.entry for one in stood]


def _puts(stood: Sequence[Stood]) -> list[Put]:
    return [one.put for one in stood]
