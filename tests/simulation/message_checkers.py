"""What must hold of messages, letters, and of everything once the world is quiet."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from tests.simulation.history import (
    Accepted,
    Acknowledged,
    Blown,
    Erased,
    Forgotten,
    History,
    Letter,
    Outlived,
    Raised,
    Rest,
    Sent,
    Started,
    Wrote,
)
from tests.simulation.letters import is_filed, own_id
from tests.simulation.record_checkers import generations
from workerless.data_ref import DataRef
from workerless.limits import MAX_DELAY
from workerless.payload import digest
from workerless.record import Record
from workerless.states import State

_WITHOUT_RECORD = {"undeliverable", "not_json"}
# A worker that was heard replaces a message with at most four receives left: see redeliver.py.
_RECEIVES_IN_RESERVE = 4


def nothing_unexpected_is_raised(history: History) -> Iterator[str]:
    return (f"{raised.by} raised {raised.error}" for raised in history.of(Raised))


def the_world_comes_to_rest(history: History) -> Iterator[str]:
    if not history.rest().is_quiet:
        yield "it is still busy long after the last fault"


def an_acknowledged_message_is_needed_no_more(history: History) -> Iterator[str]:
    """Its job has ended, has another message, is parked, or redriven: the sweeper will send one.

    One that had ended may have been forgotten by the time that its worker, slow, lets go.
    """
    rested = {wrote.after.job_id for wrote in history.of(Wrote) if wrote.after.state.is_resting}
    rested &= {forgotten.job_id for forgotten in history.of(Forgotten)}
    for one in history.of(Acknowledged):
        ended = one.record.state.is_resting if one.record else one.job_id in rested
        ended |= one.is_stale
        if not ended and not one.others and not (one.record and _is_parked(one.record)):
            state = one.record.state if one.record else "never recorded"
            yield f"{one.by} let go of {one.message_id}, the last of {one.job_id} ({state})"


def records_come_before_their_messages(history: History) -> Iterator[str]:
    forgotten = {one.job_id for one in history.of(Forgotten)}
    for sent in history.of(Sent):
        is_lost = sent.is_letter and sent.attributes.get("reason") == "record_missing"
        is_lost |= sent.job_id in forgotten
        if sent.needs_record and not sent.has_record and not is_lost:
            yield f"{sent.by} sent {sent.job_id} before its record was there"


def waiting_never_blows_a_fuse(history: History) -> Iterator[str]:
    # What nobody can read is never sent again, for it would be another job: worn out, it is moved.
    unreadable = {one.job_id for one in history.of(Accepted) if one.text.startswith("{")}
    for blown in history.of(Blown):
        if blown.unanswered < _RECEIVES_IN_RESERVE and blown.job_id not in unreadable:
            yield f"{blown.message_id} of {blown.job_id} was moved by its fuse, for waiting"


def no_message_outlives_its_queue(history: History) -> Iterator[str]:
    rest = history.rest()
    for gone in history.of(Outlived):
        if gone.is_letter:
            yield f"the letter {gone.message_id} of {gone.job_id} was deleted for its age"
            continue
        record = rest.records.get(gone.job_id)
        if record is None or not record.state.is_resting:
            yield f"{gone.message_id} of {gone.job_id} was deleted for its age"


def every_job_ends(history: History) -> Iterator[str]:
    """With a sweeper, every job that has a record, accepted or not; without one, see below.

    A job without a record has a letter that says why: no worker ever saw its first message.
    """
    rest = history.rest()
    told = {letter.job_id for letter in rest.letters if "reason" in letter.attributes}
    told |= {forgotten.job_id for forgotten in history.of(Forgotten)}
    # Its record is past its time, maybe.
    told |= {own_id(wrote.after) for wrote in history.of(Wrote) if wrote.call == "dismiss"}
    for job_id, record in rest.records.items():
        if not record.state.is_resting:
            yield f"{job_id} is {record.state}"
    for accepted in history.of(Accepted):
        if accepted.job_id not in rest.records and accepted.job_id not in told:
            yield f"{accepted.job_id} was accepted and never recorded"


def every_accepted_job_ends_or_needs_a_sweeper(history: History) -> Iterator[str]:
    """What SQS moved by its fuse, and what was ever parked, is left as it is without a sweeper."""
    rest = history.rest()
    left = {blown.job_id for blown in history.of(Blown)}
    left |= {forgotten.job_id for forgotten in history.of(Forgotten)}
    left |= {wrote.after.job_id for wrote in history.of(Wrote) if _is_parked(wrote.after)}
    # What nobody could read, while the store was down: the letter is all there is of it.
    left |= {one.job_id for one in rest.letters if one.job_id not in rest.records}
    for accepted in history.of(Accepted):
        record = rest.records.get(accepted.job_id)
        if accepted.job_id not in left and (record is None or not record.state.is_resting):
            state = record.state if record else "never recorded"
            yield f"{accepted.job_id} was accepted and is {state}"


def every_failed_job_has_its_letter(history: History) -> Iterator[str]:
    rest = history.rest()
    there = {
        letter.job_id
        for letter in rest.letters
        if not _is_of_another(letter, rest.records.get(letter.job_id), rest)
    }
    for job_id, record in rest.records.items():
        if rest.wants_letters and record.state is State.FAILED and job_id not in there:
            yield f"{job_id} failed ({record.reason}) and has no dead letter"


def every_letter_has_a_reason(history: History) -> Iterator[str]:
    """With a sweeper, also those that SQS moved by itself; and their jobs have failed."""
    rest = history.rest()
    for letter in _of_now(history):
        record = rest.records.get(letter.job_id)
        if "reason" not in letter.attributes:
            yield f"{letter.job_id} has a letter that does not say why"
        elif (
            record is not None
            and record.state is not State.FAILED
            and not _is_of_another(letter, record, rest)
        ):
            yield f"{letter.job_id} has a letter, and is {record.state}"


def every_letter_says_why(history: History) -> Iterator[str]:
    """Its job failed for this reason; or its id was taken by a job with another payload.

    One without a record says what no record could: what it was is nowhere else.
    """
    rest = history.rest()
    forgotten = {one.job_id for one in history.of(Forgotten)}
    for letter in _of_now(history):
        record = rest.records.get(letter.job_id)
        reason = letter.attributes.get("reason")
        if _is_of_another(letter, record, rest):
            if letter.job_id in forgotten:
                continue
            others = {rest.text(one.body) for one in rest.letters if one.job_id == letter.job_id}
            all_ever = [wrote.after for wrote in history.of(Wrote)]
            others |= {rest.text(one.body) for one in all_ever if own_id(one) == letter.job_id}
            if others == {rest.text(letter.body)}:
                yield f"{letter.job_id} has a letter for {reason}, and the same payload"
        elif reason is not None and letter.job_id not in forgotten:
            allowed = {record.reason} if record else _WITHOUT_RECORD
            if reason not in allowed:
                what = record.reason if record else "nothing"
                yield f"{letter.job_id} has a letter for {reason}, its record says {what}"


def payloads_are_read_as_they_were_sent(history: History) -> Iterator[str]:
    """A job runs with the payload of its record, and that is what its producer sent.

    Of two foreign producers under one id the first claimed wins; the other's is a dead letter.
    """
    rest = history.rest()
    texts = {
        job_id: rest.text(body) for (job_id, life), body in _bodies(history).items() if life == 1
    }
    forgotten = {one.job_id for one in history.of(Forgotten)}
    texts = {job_id: text for job_id, text in texts.items() if job_id not in forgotten}
    refused = {
        (one.job_id, rest.text(one.body))
        for one in rest.letters
        if _is_of_another(one, rest.records.get(one.job_id), rest)
        # SQS moved it, and no sweeper has told why yet.
        or "reason" not in one.attributes
    }
    # What was filed of a letter may have been decided about since.
    filed = [wrote.after for wrote in history.of(Wrote) if is_filed(wrote.after)]
    refused |= {(own_id(one), rest.text(one.body)) for one in filed}
    for accepted in history.of(Accepted):
        text = texts.get(accepted.job_id, accepted.text)
        if text != accepted.text and (accepted.job_id, accepted.text) not in refused:
            yield f"{accepted.job_id} was sent {accepted.text!r}, its record says {text!r}"
    lives, bodies = generations(history), _bodies(history)
    for started in history.of(Started):
        life = started.job_id, lives.get(started.token, 1)
        text = rest.text(bodies[life]) if life in bodies else started.text
        if started.text != text and started.job_id not in forgotten:
            yield f"{started.job_id} is {text!r}, and ran {started.text!r}"


def payloads_run_byte_by_byte_as_they_were_sent(history: History) -> Iterator[str]:
    forgotten = {one.job_id for one in history.of(Forgotten)}
    lives = generations(history)
    digests = {life: record.digest for life, record in _lives(history).items()}
    for started in history.of(Started):
        if started.job_id in forgotten:
            continue
        known = digests.get((started.job_id, lives.get(started.token, 1)))
        if known is not None and started.digest != known:
            yield f"{started.job_id} ran with a payload that is not the one of its record"


def _bodies(history: History) -> dict[tuple[str, int], str]:
    return {life: record.body for life, record in _lives(history).items()}


def _lives(history: History) -> dict[tuple[str, int], Record]:
    """The last that is known of each job in each of its generations."""
    records = [wrote.after for wrote in history.of(Wrote) if not is_filed(wrote.after)]
    records += history.rest().records.values()
    return {(record.job_id, record.generation): record for record in records}


def results_are_those_of_their_jobs(history: History) -> Iterator[str]:
    """A job gives back what it was given, and its result can be had, wherever it lies."""
    rest = history.rest()
    for job_id, record in rest.records.items():
        if record.state is State.COMPLETED and _result_digest(record, rest) != record.digest:
            yield f"{job_id} completed with another result than its own, or none"


def only_lost_payloads_are_missed(history: History) -> Iterator[str]:
    lost = {erased.digest for erased in history.of(Erased)}
    for job_id, record in history.rest().records.items():
        reason = record.reason or ""
        if reason.startswith("payload_") and record.digest not in lost:
            yield f"{job_id} failed for {reason}, and its payload was never lost"


def _of_now(history: History) -> Iterator[Letter]:
    """All but those that were archived before somebody decided about their job."""
    decided = {
        wrote.after.job_id for wrote in history.of(Wrote) if wrote.call in ("redrive", "dismiss")
    }
    for letter in history.rest().letters:
        if not (letter.is_archived and letter.job_id in decided):
            yield letter


def _result_digest(record: Record, rest: Rest) -> str:
    if isinstance(record.result, DataRef):
        data = rest.files.get(record.result.key, b"")
        return sha256(data).hexdigest() if record.result.is_of(data) else "not there"
    return digest(json.loads(record.result or "{}"))


def _is_parked(record: Record) -> bool:
    """Told to wait for longer than a message can. Two clocks differ by less than a minute."""
    wait = record.run_at - record.updated_at
    return record.state.is_waiting and wait > MAX_DELAY - timedelta(minutes=1)


def _is_of_another(letter: Letter, record: Record | None, rest: Rest) -> bool:
    """Its id is another job's: a worker said so, or no worker ever saw its message."""
    reason = letter.attributes.get("reason")
    is_namesake = record is not None and rest.text(letter.body) != rest.text(record.body)
    return reason == "id_taken" or (reason == "undeliverable" and is_namesake)
