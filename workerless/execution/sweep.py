"""The sweeper: moves the jobs that nothing else would move.

* A *parked* job falls due: its message is sent, with the time that is left as SQS' delay.
* A job that should have moved and did not: its message was never sent, or is gone. Sent again,
  unless its queue has a line, in which the message most likely stands.
* An attempt died: its message would come back only when its visibility ends; it is sent now.

Each job is put off before its message is sent: of two sweepers one wins, and a sweeper that dies in
between costs the job one more wait. Sending twice is harmless, the claim knows a duplicate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workerless.due import is_at_work, is_in_time, look_again_at, was_sent
from workerless.errors import QueueUnavailableError, StoreUnavailableError, UnknownJobTypeError
from workerless.execution.each import each
from workerless.execution.giving_up import give_up
from workerless.limits import QUEUE_RETENTION
from workerless.message import MalformedMessage
from workerless.ports import (
    Blobs,
    Clock,
    Directory,
    Due,
    Outgoing,
    Postponement,
    Queue,
    Store,
    Telemetry,
)
from workerless.record import Record
from workerless.resend import resent
from workerless.states import State

PAGE = 100
# A line this old is no reason any more to believe that the message stands in it.
_LINE_PATIENCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """The world of a sweeper. ``until`` is when it stops looking for more."""

    store: Store
    queue: Queue
    blobs: Blobs
    directory: Directory
    clock: Clock
    telemetry: Telemetry
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep found and did, in jobs."""

    due: int = 0
    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            due=self.due + other.due,
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
        )


def sweep(shard: int, sweeper: Sweeper) -> Swept:
    """Look at the due jobs of one shard, the longest due first, until none is left or time ends.

    A store that does not answer ends it: other shards and the next run are not held up.
    """
    total = Swept()
    try:
        while sweeper.clock.now() < sweeper.until:
            page = sweeper.store.due(shard, before=sweeper.clock.now(), limit=PAGE)
            moved = _sweep_page(page, sweeper)
            total += moved
            if moved == Swept():  # none is left, or the index shows what has moved already
                break
    except StoreUnavailableError as error:
        sweeper.telemetry.trouble("store_unavailable", error, shard=shard)
    return total


def _sweep_page(page: Sequence[Due], sweeper: Sweeper) -> Swept:
    found = _put_off(page, sweeper)
    stuck = [record for due, record in found if _is_stuck(due, record, sweeper)]
    by_type: dict[str, list[Record]] = {}
    for record in stuck:
        by_type.setdefault(record.job_type, []).append(record)
    sent = sum(_send(name, records, sweeper) for name, records in by_type.items())
    return Swept(due=len(found), sent=sent, failed=len(stuck) - sent)


def _put_off(page: Sequence[Due], sweeper: Sweeper) -> list[tuple[Due, Record]]:
    """The jobs of the page that are this sweeper's to move.

    One without an answer is left for the next run.
    """
    now = sweeper.clock.now()
    records = sweeper.store.get_many([due.job_id for due in page])
    living = [
        (due, record)
        for due, record in zip(page, records, strict=True)
        if record is not None and not record.state.is_resting
    ]
    moved = each(
        sweeper.store.postpone_many,
        [Postponement(due=due, until=look_again_at(record, now)) for due, record in living],
        sweeper.telemetry,
        has_time=lambda: sweeper.clock.now() < sweeper.until,
    )
    return [both for both, is_ours in zip(living, moved, strict=True) if is_ours]


def _is_stuck(due: Due, record: Record, sweeper: Sweeper) -> bool:
    """Whether only another message can move the job."""
    now = sweeper.clock.now()
    if record.state is State.PROCESSING:
        return not is_at_work(record, now)
    if not was_sent(record, due.at) or now - record.run_at > _LINE_PATIENCE:
        return True
    if is_in_time(record, now):
        return False
    try:
        return sweeper.queue.waiting(sweeper.directory.find(record.job_type).queue) == 0
    except (QueueUnavailableError, UnknownJobTypeError) as error:
        sweeper.telemetry.trouble("queue_unknown", error, job_type=record.job_type)
        return False


def _send(name: str, records: Iterable[Record], sweeper: Sweeper) -> int:
    """Send each job's message again; how many were accepted."""
    messages = {
        record.job_id: message
        for record in records
        if (message := _message(record, sweeper)) is not None
    }
    if not messages:
        return 0
    try:
        address = sweeper.directory.find(name).queue
    except UnknownJobTypeError as error:
        sweeper.telemetry.trouble("job_type_unknown", error, job_type=name, jobs=len(messages))
        return 0
    answers = sweeper.queue.send_many(address, list(messages.values()))
    accepted = 0
    for job_id, failure in zip(messages, answers, strict=True):
        if failure is None:
            accepted += 1
            sweeper.telemetry.transition(_line("job.sent", job_id, name))
        else:
            sweeper.telemetry.trouble("send_failed", None, job_id=job_id, code=failure.code)
    return accepted


def _message(record: Record, sweeper: Sweeper) -> Outgoing | None:
    try:
        return resent(record, sweeper.clock.now())
    except MalformedMessage as error:
        sweeper.telemetry.trouble("body_unreadable", error, job_id=record.job_id)
        if sweeper.clock.now() - record.enqueued_at > QUEUE_RETENTION:
            _give_up(record, error, sweeper)
        return None


def _give_up(record: Record, error: MalformedMessage, sweeper: Sweeper) -> None:
    """End a job that can never be sent, now that the message it came with cannot be left either.

    One that the store gives no answer about ends at the next look.
    """
    try:
        give_up(
            record,
            "body_missing",
            error_type=type(error).__name__,
            message=str(error),
            now=sweeper.clock.now(),
            store=sweeper.store,
            telemetry=sweeper.telemetry,
        )
    except StoreUnavailableError as silence:
        sweeper.telemetry.trouble("store_unavailable", silence, job_id=record.job_id)


def _line(event: str, job_id: str, job_type: str) -> Mapping[str, str | int | float | None]:
    return {"event": event, "job_id": job_id, "job_type": job_type}
