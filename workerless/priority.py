"""Priorities, and the one map from their numbers and names to lanes."""

import re
from enum import IntEnum

# With the longest job type's name and stage a queue's name has 80 characters at most.
LANE = re.compile(r"[a-z][a-z0-9]{0,15}")


class Priority(IntEnum):
    """How urgent a job is: the lower, the sooner. Each is a lane of ``PRIORITIES``."""

    CRITICAL = 1
    HIGH = 5
    NORMAL = 10
    LOW = 20

    @property
    def lane(self) -> str:
        return self.name.lower()


def lane_of(priority: Priority | int | str) -> str:
    """The lane that a priority names: 1, 5, 10, 20, or the level as text.

    Raises ``ValueError`` naming what is allowed.
    """
    for one in Priority:
        is_it = priority == one.lane if isinstance(priority, str) else priority == one
        if is_it and not isinstance(priority, bool):
            return one.lane
    allowed = ", ".join(f"{one.lane} ({one.value})" for one in Priority)
    raise ValueError(f"priority must be one of {allowed}, got {ascii(priority)[:60]}")
