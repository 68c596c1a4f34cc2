"""An alarm as a row: what it watches, when it rings, and how much that matters. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

RUNBOOK = "docs/runbook.md"


class AlarmProfile(IntEnum):
    """Which alarms a stage has: each is paid for by the month and by the metric it reads."""

    NONE = 0
    BASIC = 1
    FULL = 2


class Severity(StrEnum):
    """``CRITICAL`` is worth waking somebody, ``WARNING`` a look today, ``INFO`` a look."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where metrics are of: a queue, a function, a job type."""

    namespace: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric of a place, which is a name here and known once there are constructs."""

    place: str
    name: str
    statistic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Rings when ``datapoints`` of the last ``periods`` of ``minutes`` are over the threshold.

    ``expression`` is metric math over ``measures`` by id; none where one measure is watched as it
    is. ``profile`` is the least that has it; ``tail`` tells one of several from the others (the
    lanes of a job type). ``stands_still``: so it looks while the job type is paused, too, which
    somebody meant. ``tells`` is False of what other alarms ask for and nobody wants to hear.
    """

    name: str
    meaning: str
    severity: Severity
    profile: AlarmProfile
    measures: Mapping[str, Measure]
    expression: str = ""
    threshold: float = 0
    is_reached: bool = False
    minutes: int = 1
    datapoints: int
    periods: int
    tail: str = ""
    stands_still: bool = False
    tells: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.name}{self.tail}"

    @property
    def construct_id(self) -> str:
        return "".join(word.capitalize() for word in self.full_name.split("-"))

    @property
    def is_critical(self) -> bool:
        return self.severity is Severity.CRITICAL

    @property
    def runbook(self) -> str:
        return f"{RUNBOOK}#{self.name}"
