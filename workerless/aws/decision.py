"""What people decide about failed jobs, as conditional writes. Pure: expressions, no calls.

A failed record changes by nothing else, so the write is the difference between it as it was seen
and as it shall be. The condition makes sure of the first.
"""

from collections.abc import Mapping
from datetime import datetime

from workerless.aws.item import to_item
from workerless.aws.single import new_item
from workerless.aws.update import Update, whole_seconds
from workerless.aws.value import Value, instant, number, text
from workerless.record import Record
from workerless.redrive import Dismissal, Redrive, dismissed, redriven
from workerless.states import State

_AS_SEEN = (
    "#state = :was_failed AND #job_type = :job_type AND #digest = :digest"
    " AND #generation = :generation AND #updated_at = :failed_at"
)


def redrive_failed(redrive: Redrive) -> Update:
    """Have the job run again, its body where it lies: an edited one may have to move."""
    seen, after = redrive.seen, redriven(redrive.seen, redrive)
    changes = difference(seen, after)
    if redrive.edit is not None:
        changes["body"] = new_item(after).get("body")
    return _if_as_seen(seen, redrive.at, changes)


def dismiss_failed(dismissal: Dismissal) -> Update:
    """End the job as discarded."""
    seen = dismissal.seen
    return _if_as_seen(seen, dismissal.at, difference(seen, dismissed(seen, dismissal)))


def if_failed(seen: Record, at: datetime) -> Update:
    """The condition alone, for a deletion."""
    return _if_as_seen(seen, at, {})


def _if_as_seen(seen: Record, at: datetime, changes: Mapping[str, Value | None]) -> Update:
    condition, more = _AS_SEEN, dict[str, Value]()
    if seen.expires_at is not None:
        condition += " AND #expires_at > :now"
        more[":now"] = whole_seconds(at)
    if seen.filed_from is not None:
        condition += " AND #filed_from = :letter"
        more[":letter"] = text(seen.filed_from)
    return Update(
        condition=condition,
        changes=changes,
        values={
            ":was_failed": text(State.FAILED),
            ":job_type": text(seen.job_type),
            ":digest": text(seen.digest),
            ":generation": number(seen.generation),
            ":failed_at": instant(seen.updated_at),
            **more,
        },
    )


def difference(before: Record, after: Record) -> dict[str, Value | None]:
    """What makes the item of one record that of the other, bodies left out."""
    old, new = to_item(before), to_item(after)
    return {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}
