"""The attributes of a message that few have, each from JSON to its value.

A reader raises ``ValueError`` naming the attribute, what it got and what is allowed.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from workerless.limits import MAX_MAX_DEPTH
from workerless.priority import LANE, lane_of
from workerless.tag import checked_tags

_MAX_TEXT = 256


def read_extensions(event: Mapping[str, Any]) -> dict[str, Any]:
    """Those that the event has, by the names of a message's fields."""
    return {
        field: _read(name, event) for name, field in _FIELDS.items() if event.get(name) is not None
    }


def _read(name: str, event: Mapping[str, Any]) -> Any:
    """The value of the attribute ``name``; of ``scheduleid`` with those that belong to it."""
    if name == "scheduleid":
        from workerless.scheduled import read_scheduled  # noqa: PLC0415 -- few messages have it

        return read_scheduled(event)
    if name == "batchid":
        from workerless.membership import read_membership  # noqa: PLC0415 -- as above

        return str(read_membership(event[name]))
    return _READERS[name](event[name])


def _tags(value: object) -> tuple[str, ...]:
    """In one text, with commas between them: CloudEvents knows no lists."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        raise ValueError(f"tags must be 1 to {_MAX_TEXT} characters, got {_shown(value)}")
    return checked_tags(value.split(","))


def _lane(value: object) -> str:
    """A lane's name, or the number of a priority."""
    if isinstance(value, int) and not isinstance(value, bool):
        return lane_of(value)
    if not isinstance(value, str) or not LANE.fullmatch(value):
        raise ValueError(
            f"priority must be a lane's name ({LANE.pattern}) or 1, 5, 10 or 20, got "
            f"{_shown(value)}"
        )
    return value


def _moment(value: object) -> datetime:
    """As CloudEvents has them, RFC 3339; one without its zone may mean any of 24 hours."""
    problem = f"expirytime must be a time with its zone, as in RFC 3339, got {_shown(value)}"
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        is_whole = moment.tzinfo is not None and moment.timestamp() >= 0
        at_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(problem) from error
    if not is_whole:
        raise ValueError(problem)
    return at_utc


def _depth(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_MAX_DEPTH:
        raise ValueError(
            f"jobdepth must be an integer from 0 to {MAX_MAX_DEPTH}, got {_shown(value)}"
        )
    return value


def _shown(value: object) -> str:
    return ascii(value)[:60]


_READERS: Mapping[str, Callable[[object], Any]] = {
    "tags": _tags,
    "priority": _lane,
    "expirytime": _moment,
    "jobdepth": _depth,
}
_FIELDS = {
    "priority": "lane",
    "expirytime": "start_by",
    "tags": "tags",
    "batchid": "member_of",
    "scheduleid": "schedule",
    "jobdepth": "depth",
}
