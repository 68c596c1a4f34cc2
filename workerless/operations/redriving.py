"""Dead jobs that shall run again: their records first, then their messages.

Who dies in between leaves a record that says so; the sweeper sends what was not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workerless.due import is_parked
from workerless.limits import MAX_DELAY
from workerless.message import MalformedMessage, read
from workerless.operations.desk import Desk
from workerless.operations.outcome import Outcome, Result
from workerless.orchestration.around import Leaving, leaving_jobs
from workerless.payload_file import keep_recorded
from workerless.ports import Outgoing
from workerless.record import Record
from workerless.redrive import Edit, Redrive, redriven
from workerless.resend import resent
from workerless.sending import send_all
from workerless.tracking import Tracking

MOVED = "it has moved on since it was found"


def retry_many(
    seen: Sequence[Record],
    desk: Desk,
    *,
    by: str,
    delay: timedelta = timedelta(0),
    edit: Edit | None = None,
    force: bool = False,
) -> list[Outcome]:
    """What became of each, in order. All are of one job type, and as ``get_many`` gave them.

    ``edit`` is for a single one. One that would run for nobody, since its workflow has made good
    what it did or goes on without it, is refused, unless ``force``. Raises
    ``UnknownJobTypeError`` and ``StoreUnavailableError``; asked again under the same name ``by``,
    it goes on where it was.
    """
    if not seen:
        return []
    desk.directory.find(seen[0].job_type)
    now = desk.clock.now()
    left = {} if force else _left(seen, desk)
    plans = [
        left.get(one.job_id) or _plan(one, desk, by=by, now=now, run_at=now + delay, edit=edit)
        for one in seen
    ]
    recorded = [plan for plan in plans if isinstance(plan, Redrive)]
    keep_recorded([one.seen for one in recorded], desk.blobs, now=now, until=now + delay)
    changed = iter(desk.store.redrive_many(recorded))
    unrecorded = iter(_send_unrecorded([one for one in plans if isinstance(one, _Loose)], desk))
    outcomes, going = [], []
    for record, plan in zip(seen, plans, strict=True):
        if isinstance(plan, Outcome):
            outcomes.append(plan)
        elif isinstance(plan, _Loose):
            outcomes.append(next(unrecorded))
        elif next(changed).is_done:
            outcomes.append(Outcome(job_id=record.job_id, result=Result.DONE))
            going.append(redriven(record, plan))
        else:
            outcomes.append(Outcome(job_id=record.job_id, result=Result.SKIPPED, why=MOVED))
    if not is_parked(delay):
        send_again(going, desk)
    return outcomes


def send_again(records: Sequence[Record], desk: Desk) -> None:
    """Send each job's message; one that is not accepted is sent by the sweeper, once it is late."""
    messages = [
        (record, message) for record in records if (message := _message(record, desk)) is not None
    ]
    if not messages:
        return
    address = desk.directory.find(records[0].job_type)
    answers = send_all(desk.queue, address, [message for _, message in messages])
    for (record, _), failure in zip(messages, answers, strict=True):
        if failure is not None:
            desk.telemetry.trouble("send_failed", None, job_id=record.job_id, code=failure.code)


def _message(record: Record, desk: Desk) -> Outgoing | None:
    try:
        return resent(record, desk.clock.now())
    except MalformedMessage as error:  # its body has gone since: the sweeper will end it
        desk.telemetry.trouble("body_unreadable", error, job_id=record.job_id)
        return None


def _left(seen: Sequence[Record], desk: Desk) -> dict[str, Outcome]:
    """By id, of those whose workflow would not make good what they do."""
    members = [one for one in seen if one.member_of]
    leaving = leaving_jobs(members, desk.orchestra()) if members else {}
    return {
        job_id: Outcome(job_id=job_id, result=Result.FAILED, why=_why(one))
        for job_id, one in leaving.items()
    }


def _why(left: Leaving) -> str:
    instead = f"retry step {left.step!r} of that one" if left.step else "leave it"
    return (
        f"it is part of {left.container_id!r}, which {left.why}, and nothing would make good what "
        f"it does now; {instead}, or force it"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loose:
    """A job that runs without a record: ``outgoing`` is sent, then what was filed of it goes."""

    seen: Record
    outgoing: Outgoing


def _plan(
    record: Record, desk: Desk, *, by: str, now: datetime, run_at: datetime, edit: Edit | None
) -> Redrive | _Loose | Outcome:
    body = edit.body if edit else record.body
    try:
        message = read(body, job_type=record.job_type, message_id=record.job_id)
    except MalformedMessage as error:
        unreadable = f"its message cannot be read ({error.reason})"  # its text may quote a value
        gone = unreadable if body else "its message is gone"
        why = f"{gone}; give it a new payload, or discard it"
        return Outcome(job_id=record.job_id, result=Result.FAILED, why=why)
    if desk.directory.find(record.job_type).tracking is Tracking.OFF:
        if is_parked(run_at - now):
            why = f"tracking of {record.job_type} is off: it can be delayed by {MAX_DELAY} at most"
            return Outcome(job_id=record.job_id, result=Result.FAILED, why=why)
        sent = resent(replace(record, body=body, run_at=run_at), now)
        # Under its own id, whatever it was filed under: it runs beside its namesake, as it did.
        whole = replace(message, generation=None, start_by=None).body()
        return _Loose(seen=record, outgoing=replace(sent, body=whole))
    return Redrive(seen=record, by=by, at=now, run_at=run_at, edit=edit)


def _send_unrecorded(plans: Sequence[_Loose], desk: Desk) -> list[Outcome]:
    """Sent first: who dies in between sends it twice, as may happen to any untracked job."""
    if not plans:
        return []
    address = desk.directory.find(plans[0].seen.job_type)
    answers = send_all(desk.queue, address, [plan.outgoing for plan in plans])
    sent = [plan.seen for plan, failure in zip(plans, answers, strict=True) if failure is None]
    desk.store.delete_many(sent)
    return [
        Outcome(
            job_id=plan.seen.job_id,
            result=Result.DONE if failure is None else Result.FAILED,
            why=f"SQS did not take its message: {failure.code}" if failure else None,
        )
        for plan, failure in zip(plans, answers, strict=True)
    ]
