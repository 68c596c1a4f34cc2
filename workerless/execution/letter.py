"""A letter in a dead-letter queue, and what shall become of it. Pure.

There are two kinds. *Ours* say why they are there: a worker sent them, once it had written down
that their job failed. The others SQS moved by itself, since they were received too often: their
function was throttled all the time, or died before it could claim anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workerless.due import is_parked
from workerless.execution.arrival import NO_RECORD, RECORD, RETURNED, Arrival, arrival_of
from workerless.message import JOB_ID
from workerless.ports import Received
from workerless.record import Lease, Record
from workerless.states import State
from workerless.transition import Claim, Verdict, is_payload_of, judge

# SQS counts a message's age from its first queue on, and deletes dead letters after 14 days.
ARCHIVED_AFTER = timedelta(days=13)
MOST_RETURNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter as it was received."""

    arrival: Arrival
    attributes: Mapping[str, str]

    @property
    def reason(self) -> str | None:
        """Why it is here; None where SQS moved it.

        A producer may have an attribute of this name too: ours come with job and job type.
        """
        names_us = self.attributes.get("job_type") == self.arrival.message.job_type
        names_a_job = JOB_ID.fullmatch(self.attributes.get("job_id", "")) is not None
        return self.attributes.get("reason") if names_us and names_a_job else None

    @property
    def job_id(self) -> str:
        """Ours say it beside the body: sent again, a bare message has another message id."""
        return self.attributes["job_id"] if self.reason else self.arrival.message.job_id

    @property
    def generation(self) -> int | None:
        return self.arrival.message.generation

    @property
    def returns(self) -> int:
        """How often the sweeper has sent it back: SQS keeps attributes over its own moves."""
        times = self.arrival.returned or "0"
        return int(times) if times.isascii() and times.isdigit() else 0

    @property
    def is_unrecorded(self) -> bool:
        """Whether who sent it says that no record knows of its job."""
        return self.attributes.get(RECORD) == NO_RECORD

    def is_of(self, record: Record) -> bool:
        """Whether the record under its job id is of its job, not of a namesake."""
        message = self.arrival.message
        return record.job_type == message.job_type and is_payload_of(record, message.digest)


def letter_of(received: Received, job_type: str, bucket: str) -> Letter:
    """The letter in a message from the dead-letter queue of ``job_type``.

    ``bucket`` is where its claim check may lead.
    """
    arrival = arrival_of(
        message_id=received.message_id,
        receipt=received.receipt,
        body=received.body,
        receive_count=received.receive_count,
        sent_at=received.sent_at,
        group=received.group,
        job_type=job_type,
        bucket=bucket,
        returned=received.attributes.get(RETURNED),
    )
    return Letter(arrival=arrival, attributes=received.attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """It stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """It stays, and shall say ``reason`` from now on."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Its job needs it no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """It goes back to its queue, for the ``times``-th time."""

    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Its job shall fail, if it has a record, and the letter say so."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """It is all there is of its job: to become a failed record under ``job_id``, and go."""

    job_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """It is too old to stay: to be kept as a file, with the ``reason`` if it does not say one."""

    reason: str | None = None


type Fate = Keep | Explain | Drop | Return | Fail | File | Archive


def judge_letter(letter: Letter, record: Record | None, now: datetime) -> Fate:
    """What shall become of a letter, when ``record`` is what stands under its job id."""
    own = record if record is not None and letter.is_of(record) else None
    # Garbage that was sent here while the store was down: its job may have been begun before.
    is_begun = letter.arrival.problem is not None and own is not None and not own.state.is_resting
    is_ours = letter.reason is not None and not is_begun
    if own is None or _is_of_another_run(letter, own):
        fate = _without_record(letter, is_taken=record is not None)
    elif own.filed_from == letter.arrival.message_id:
        return Drop()  # its record was made from this very letter, and who made it died
    else:
        fate = _ours(letter, own) if is_ours else _moved(letter, own, now)
    if now - letter.arrival.sent_at < ARCHIVED_AFTER:
        return fate
    match fate:
        case Explain(reason=reason):
            return Archive(reason=reason)
        case Keep() | Return():
            return Archive()
        case _:
            return fate


def _is_of_another_run(letter: Letter, own: Record) -> bool:
    """Whether it died without a record, and what is there was filed of an earlier death.

    Somebody has been done with that one since; of this one nobody knows.
    """
    is_done_with = own.filed_from is not None and own.state is State.DISCARDED
    is_of_it = own.filed_from == letter.arrival.message_id
    return letter.reason is not None and letter.is_unrecorded and is_done_with and not is_of_it


def _ours(letter: Letter, own: Record) -> Fate:
    """Stays while its job is failed.

    It may say what was true of another message of its job, given up before this one made the
    record: the record knows better, and keeps the body. Nothing is lost if the job fails now: its
    record says so before a letter does.
    """
    is_older = (letter.generation or 1) < own.generation
    if own.state is not State.FAILED or is_older:
        return Drop()
    why = own.reason or "unknown"
    # It was sent while the store was down: once the record is past its time it would be filed.
    has_record_after_all = letter.is_unrecorded and own.filed_from is None
    is_true = letter.reason == why and not has_record_after_all
    return Keep() if is_true else Explain(reason=why)


def _moved(letter: Letter, own: Record, now: datetime) -> Fate:
    """A record is asked as if a worker had the message: it may run, or here is why not."""
    problem = letter.arrival.problem
    match judge(own, _claim(letter, now)):
        case Verdict.STALE:
            return Drop()
        case Verdict.ENDED:
            failed = own.state is State.FAILED
            return Explain(reason=own.reason or "unknown") if failed else Drop()
        case Verdict.LEASED:
            return Keep()
        case Verdict.EARLY:
            # A parked job needs no message: its record says when the sweeper sends one.
            return Drop() if is_parked(own.run_at - now) else Keep()
        case _:
            if problem is not None:
                return Fail(reason=problem.reason)
            return _again(letter) or Fail(reason="undeliverable")


def _without_record(letter: Letter, *, is_taken: bool) -> Fate:
    """Filed, unless it may run yet, or had a record whose time is over.

    ``is_taken`` tells that its id is another job's: it is filed under its own message's.
    """
    if letter.reason is not None:
        reason = letter.reason if letter.is_unrecorded else None
    elif letter.arrival.problem is not None:
        reason = letter.arrival.problem.reason
    elif letter.generation is not None:
        reason = "record_missing"
    elif is_taken:
        reason = "id_taken"
    else:
        again = _again(letter)
        if again is not None:
            return again
        reason = "undeliverable"
    job_id = letter.arrival.message_id if is_taken else letter.job_id
    return File(job_id=job_id, reason=reason) if reason else Keep()


def _again(letter: Letter) -> Return | None:
    return None if letter.returns >= MOST_RETURNS else Return(times=letter.returns + 1)


def _claim(letter: Letter, now: datetime) -> Claim:
    """That of a worker who runs nothing else."""
    message = letter.arrival.message
    return Claim(
        job_id=letter.job_id,
        job_type=message.job_type,
        lease=Lease(token="", until=now, alone=True),
        now=now,
        generation=message.generation,
    )
