"""What CloudWatch's documentation leaves open about alarms."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Leeway:
    """One way in which CloudWatch may work; alarms that are right are so in all of them.

    ``spare`` periods more than it evaluates are retrieved, to find points for missing ones: how
    many is not told ("the evaluation range"; the examples have two). ``fills_nothing`` tells
    whether FILL makes points of a metric that has none at all in that range.
    """

    spare: int = 2
    fills_nothing: bool = True
