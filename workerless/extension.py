"""The attributes of a message that few have, each from JSON to its value.

A reader raises ``ValueError`` naming the attribute, what it got and what is allowed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from workerless.priority import LANE, lane_of
from workerless.tag import checked_tags

_MAX_TEXT = 256


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


def _shown(value: object) -> str:
    return ascii(value)[:60]


READERS: Mapping[str, Callable[[object], Any]] = {"tags": _tags, "priority": _lane}
