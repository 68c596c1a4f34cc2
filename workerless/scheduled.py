"""Which tick of which schedule a job is for, in its message and to its handler. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

# That of a dynamic schedule has two dashes. Scheduler allows 64 characters; ".12" may follow.
SCHEDULE_ID = re.compile(r"[a-z0-9_.]{1,40}--?[A-Za-z0-9][A-Za-z0-9_.-]*")
MAX_SCHEDULE_ID_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """The tick at ``time``, for all that was due later than ``after`` and up to it.

    ``after`` is the tick of the run before; None where there was none.
    """

    schedule_id: str
    time: datetime
    after: datetime | None = None

    def extensions(self) -> dict[str, str]:
        """As attributes of a CloudEvent."""
        after = {"scheduledafter": self.after.isoformat()} if self.after else {}
        return {"scheduleid": self.schedule_id, "scheduledtime": self.time.isoformat(), **after}


def is_schedule_id(text: object) -> bool:
    """Whether a schedule may have this id."""
    is_short = isinstance(text, str) and len(text) <= MAX_SCHEDULE_ID_LENGTH
    return is_short and SCHEDULE_ID.fullmatch(str(text)) is not None


def read_scheduled(event: Mapping[str, object]) -> Scheduled:
    """What ``extensions`` wrote. Raises ``ValueError`` naming the attribute that is wrong."""
    schedule_id = event.get("scheduleid")
    if not is_schedule_id(schedule_id):
        raise ValueError(f"scheduleid must be a schedule's id, got {ascii(schedule_id)[:60]}")
    return Scheduled(
        schedule_id=str(schedule_id),
        time=_moment(event, "scheduledtime"),
        after=_moment(event, "scheduledafter") if event.get("scheduledafter") else None,
    )


def _moment(event: Mapping[str, object], name: str) -> datetime:
    told = event.get(name)
    problem = f"{name} must be a time with its zone, as in RFC 3339, got {ascii(told)[:60]}"
    try:
        moment = datetime.fromisoformat(told if isinstance(told, str) else "")
        at_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(problem) from error
    if moment.tzinfo is None:
        raise ValueError(problem)
    return at_utc
