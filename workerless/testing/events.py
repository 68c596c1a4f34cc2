"""What was decided of events as a dictionary, over the records of an in-memory store."""

from datetime import datetime
from threading import Lock

from workerless.event import Event, Token, awaits, told
from workerless.frozen import replace
from workerless.ports import Clock
from workerless.record import Record
from workerless.testing.store import InMemoryStore


class InMemoryEvents:
    """Those of one stage."""

    def __init__(self, store: InMemoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[tuple[str, str], Event] = {}
        self._tokens: dict[str, Token] = {}

    def get(self, job_id: str, name: str) -> Event | None:
        with self._lock:
            return self._living(job_id, name)

    def put(self, event: Event) -> Event:
        with self._lock:
            old = self._living(event.job_id, event.name)
            if old is not None and old.stands_for >= event.generation:
                return old
            self._kept[event.job_id, event.name] = event
            return event

    def void(self, event: Event) -> None:
        with self._lock:
            if self._living(event.job_id, event.name) == event:
                self._kept[event.job_id, event.name] = replace(event, void=True)

    def tell(self, job_id: str, name: str, at: datetime) -> Record | None:
        before, after = self._store.change(job_id, lambda record: told(record, name, at))
        return after if awaits(before, name) else None

    def put_token(self, digest: str, token: Token) -> None:
        with self._lock:
            self._tokens[digest] = token

    def token(self, digest: str) -> Token | None:
        with self._lock:
            token = self._tokens.get(digest)
        return None if token is None or token.expires_at <= self._clock.now() else token

    def _living(self, job_id: str, name: str) -> Event | None:
        event = self._kept.get((job_id, name))
        return None if event is None or event.expires_at <= self._clock.now() else event
