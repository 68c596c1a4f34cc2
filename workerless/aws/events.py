"""Events and tokens in the stage's table: an item each, an event's beside its job's record.

None is ever deleted but by its time: what stands for nothing says so, and may be written over.
"""

from datetime import datetime

from workerless.aws.item import Item, record_key, to_record
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update, reschedule_waiting, whole_seconds
from workerless.aws.value import Value, expiry, instant, number, read_expiry, read_instant, text
from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.event import Event, Token, awaits
from workerless.ports import Clock
from workerless.record import Record
from workerless.retention import bodiless, has_expired
from workerless.states import State

_MAX_RACES = 5


class DynamoEvents:
    """Those of one stage."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def get(self, job_id: str, name: str) -> Event | None:
        (item,) = self._table.read([_event_key(job_id, name)])
        event = _event(item, job_id, name) if item is not None else None
        return None if event is None or event.expires_at <= self._clock.now() else event

    def put(self, event: Event) -> Event:
        """The same text twice is one event, so a write whose answer was lost may be repeated."""
        refused = self._table.put(
            _event_item(event),
            condition="attribute_not_exists(pk) OR expires_at <= :now OR stands_for < :generation",
            values={
                ":now": whole_seconds(self._clock.now()),
                ":generation": number(event.generation),
            },
        )
        if refused is None:
            return event
        if refused.old is None:
            raise StoreUnavailableError(f"event {event.name} was refused and then not there")
        return _event(refused.old, event.job_id, event.name)

    def void(self, event: Event) -> None:
        self._table.update(
            _event_key(event.job_id, event.name),
            Update(
                condition="#told = :told AND #at = :at",
                changes={"stands_for": number(0)},
                values={":told": text(event.data or ""), ":at": instant(event.at)},
            ),
        )

    def tell(self, job_id: str, name: str, at: datetime) -> Record | None:
        key = record_key(job_id)
        for _ in range(_MAX_RACES):
            (item,) = self._table.read([key])
            record = to_record(item) if item is not None else None
            if record is None or has_expired(record, self._clock.now()):
                raise JobNotFoundError(f"no record of job {job_id!r}, or past its retention")
            is_called = awaits(record, name)
            if not is_called and record.state is not State.PROCESSING:
                return None
            update = reschedule_waiting(record, run_at=at, at=at) if is_called else _counted(record)
            answer = self._table.update(key, update)
            if not isinstance(answer, Refused):
                return bodiless(to_record(answer)) if is_called else None
        raise StoreUnavailableError(f"job {job_id} was changed by others {_MAX_RACES} times")

    def put_token(self, digest: str, token: Token) -> None:
        self._table.put(
            {
                **_token_key(digest),
                "job_id": text(token.job_id),
                "event": text(token.name),
                "expires_at": expiry(token.expires_at),
            }
        )

    def token(self, digest: str) -> Token | None:
        (item,) = self._table.read([_token_key(digest)])
        if item is None or read_expiry(item["expires_at"]) <= self._clock.now():
            return None
        return Token(
            job_id=item["job_id"]["S"],
            name=item["event"]["S"],
            expires_at=read_expiry(item["expires_at"]),
        )


def _counted(record: Record) -> Update:
    """An attempt that looked before the event was there does not begin to wait."""
    return Update(
        condition="#state = :running AND #digest = :digest AND #job_type = :job_type",
        changes={},
        computed=("#events = if_not_exists(#events, :none) + :one",),
        values={
            ":running": text(State.PROCESSING),
            ":digest": text(record.digest),
            ":job_type": text(record.job_type),
            ":none": number(0),
            ":one": number(1),
        },
    )


def _event_key(job_id: str, name: str) -> dict[str, Value]:
    return {**record_key(job_id), "sk": text(f"EVENT#{name}")}


def _token_key(digest: str) -> dict[str, Value]:
    return {"pk": text(f"TOKEN#{digest}"), "sk": text("EVENT")}


def _event_item(event: Event) -> dict[str, Value]:
    return {
        **_event_key(event.job_id, event.name),
        "told": text(event.data or ""),
        "at": instant(event.at),
        "generation": number(event.generation),
        "stands_for": number(event.stands_for),
        "expires_at": expiry(event.expires_at),
    }


def _event(item: Item, job_id: str, name: str) -> Event:
    return Event(
        job_id=job_id,
        name=name,
        data=item["told"]["S"] or None,
        at=read_instant(item["at"]),
        generation=int(item["generation"]["N"]),
        expires_at=read_expiry(item["expires_at"]),
        void=item["stands_for"]["N"] == "0",
    )
