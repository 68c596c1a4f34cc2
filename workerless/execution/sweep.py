"""The sweeper: moves the jobs that nothing else would move.

* A *parked* job falls due: its message is sent, with the time that is left as SQS' delay.
* A job that should have moved and did not: its message was never sent, or is gone. Sent again,
  unless its queue has a line, in which the message most likely stands, or is paused.
* An attempt died: its message would come back only when its visibility ends; it is sent now, and
  told of.

Each job is put off before its message is sent: of two sweepers one wins, and a sweeper that dies in
between costs the job one more wait. A parked one is put off for a minute, and for longer once its
message was accepted. Sending twice is harmless, the claim knows a duplicate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workerless.due import is_at_work, is_in_time, look_again_at, try_again_at, was_sent
from workerless.errors import StoreUnavailableError, UnknownJobTypeError, WorkerlessError
from workerless.execution.each import each
from workerless.execution.giving_up import give_up
from workerless.execution.paused_queue import in_paused_queue
from workerless.execution.reading import Absent, read_each
from workerless.execution.stalled import died_at, tell_found
from workerless.flow_ports import SettingsStore
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
from workerless.sending import queue_of, send_all
from workerless.states import State

PAGE = 100
# A line this old is no reason any more to believe that the message stands in it.
_LINE_PATIENCE = timedelta(hours=6)
# A record that cannot be read waits for another version of the sweeper.
_UNREADABLE_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """The world of a sweeper. ``until`` is when it stops looking for more.

    Without ``settings`` nothing is ever paused.
    """

    store: Store
    queue: Queue
    blobs: Blobs
    directory: Directory
    clock: Clock
    telemetry: Telemetry
    until: datetime
    settings: SettingsStore | None = None

    def has_time(self) -> bool:
        return self.clock.now() < self.until


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
        while sweeper.has_time():
            page = sweeper.store.due(shard, before=sweeper.clock.now(), limit=PAGE)
            moved = _sweep_page(page, sweeper)
            total += moved
            if moved == Swept():  # none is left, or the index shows what has moved already
                break
    except StoreUnavailableError as error:
        sweeper.telemetry.trouble("store_unavailable", error, shard=shard)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A job that is this sweeper's to move, and when it is due from now on."""

    record: Record
    due: Due
    was_sent: bool


def _sweep_page(page: Sequence[Due], sweeper: Sweeper) -> Swept:
    answers = read_each(
        [due.job_id for due in page], sweeper.store, sweeper.telemetry, has_time=sweeper.has_time
    )
    unreadable = _put_off_unreadable(
        [due for due, one in zip(page, answers, strict=True) if one is Absent.UNREADABLE], sweeper
    )
    found = _put_off(
        [(due, one) for due, one in zip(page, answers, strict=True) if isinstance(one, Record)],
        sweeper,
    )
    stuck = [one for one in _stuck(found, sweeper) if not _has_expired(one.record, sweeper)]
    sent = {
        job_id
        for name, some in _by_type(stuck).items()
        for job_id in _send(name, [one.record for one in some], sweeper)
    }
    _note_sent([one for one in stuck if not one.was_sent and one.record.job_id in sent], sweeper)
    return Swept(due=len(found) + unreadable, sent=len(sent), failed=len(stuck) - len(sent))


def _has_expired(record: Record, sweeper: Sweeper) -> bool:
    if record.start_by is None:
        return False
    from workerless.execution.expiring import has_expired  # noqa: PLC0415 -- few jobs ever do

    now = sweeper.clock.now()
    return has_expired(record, now=now, store=sweeper.store, telemetry=sweeper.telemetry)


def _put_off_unreadable(page: Sequence[Due], sweeper: Sweeper) -> int:
    """Out of the way of those that can be read; how many were this sweeper's to move."""
    until = sweeper.clock.now() + _UNREADABLE_PAUSE
    moved = _postpone([Postponement(due=due, until=until) for due in page], sweeper)
    return sum(is_ours is True for is_ours in moved)


def _put_off(page: Sequence[tuple[Due, Record]], sweeper: Sweeper) -> list[_Found]:
    """The jobs of the page that are this sweeper's to move.

    One without an answer is left for the next run.
    """
    now = sweeper.clock.now()
    found = []
    moves = []
    for due, record in page:
        if record.state.is_resting:
            continue
        had_one = record.state is State.PROCESSING or was_sent(record, due.at)
        until = look_again_at(record, now) if had_one else try_again_at(record, now)
        dead = died_at(record, now)
        moves.append(Postponement(due=due, until=until, stalled_at=dead))
        found.append(_Found(record=record, due=Due(job_id=due.job_id, at=until), was_sent=had_one))
    moved = _postpone(moves, sweeper)
    ours = [one for one, is_ours in zip(found, moved, strict=True) if is_ours]
    tell_found([one.record for one in ours], now, sweeper.telemetry)
    return ours


def _note_sent(sent: Sequence[_Found], sweeper: Sweeper) -> None:
    """Only now: where this is lost, the message is sent once more."""
    now = sweeper.clock.now()
    _postpone(
        [
            Postponement(
                due=one.due, until=look_again_at(one.record, now), sent_for=one.record.run_at
            )
            for one in sent
        ],
        sweeper,
    )


def _postpone(moves: Sequence[Postponement], sweeper: Sweeper) -> list[bool | None]:
    return each(sweeper.store.postpone_many, moves, sweeper.telemetry, has_time=sweeper.has_time)


def _stuck(found: Sequence[_Found], sweeper: Sweeper) -> list[_Found]:
    """Those that only another message can move."""
    now = sweeper.clock.now()
    stuck = _unless_paused([one for one in found if _is_stuck(one, now)], sweeper)
    unsure = [
        one
        for one in found
        if one.record.state is not State.PROCESSING
        and not _is_stuck(one, now)
        and not is_in_time(one.record, now)
    ]
    for name, of_type in _by_type(unsure).items():
        for lane in {one.record.lane for one in of_type}:
            if _has_no_line(name, lane, sweeper):
                stuck += [one for one in of_type if one.record.lane == lane]
    return stuck


def _unless_paused(stuck: Sequence[_Found], sweeper: Sweeper) -> list[_Found]:
    """Without those whose messages stand in a queue that nobody reads for now."""
    late = [one.record for one in stuck if one.was_sent and one.record.state.is_waiting]
    if sweeper.settings is None or not late:
        return list(stuck)
    held = in_paused_queue(late, sweeper.settings, sweeper.clock.now())
    return [one for one in stuck if one.record.job_id not in held]


def _is_stuck(one: _Found, now: datetime) -> bool:
    """Whether that is certain, whatever its queue looks like."""
    record = one.record
    if record.state is State.PROCESSING:
        return not is_at_work(record, now)
    return not one.was_sent or now - record.run_at > _LINE_PATIENCE


def _has_no_line(name: str, lane: str | None, sweeper: Sweeper) -> bool:
    try:
        return sweeper.queue.waiting(queue_of(sweeper.directory.find(name), lane)) == 0
    except WorkerlessError as error:
        sweeper.telemetry.trouble("queue_unknown", error, job_type=name)
        return False


def _by_type(found: Iterable[_Found]) -> dict[str, list[_Found]]:
    by_type: dict[str, list[_Found]] = {}
    for one in found:
        by_type.setdefault(one.record.job_type, []).append(one)
    return by_type


def _send(name: str, records: Iterable[Record], sweeper: Sweeper) -> set[str]:
    """Send each job's message again; the ids of those whose was accepted."""
    messages = {
        record.job_id: message
        for record in records
        if (message := _message(record, sweeper)) is not None
    }
    if not messages:
        return set()
    try:
        address = sweeper.directory.find(name)
    except UnknownJobTypeError as error:
        sweeper.telemetry.trouble("job_type_unknown", error, job_type=name, jobs=len(messages))
        return set()
    except WorkerlessError as error:  # one bad parameter holds up no other type
        sweeper.telemetry.trouble("queue_unknown", error, job_type=name)
        return set()
    answers = send_all(sweeper.queue, address, list(messages.values()))
    accepted = set()
    for job_id, failure in zip(messages, answers, strict=True):
        if failure is None:
            accepted.add(job_id)
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
