"""What a dashboard is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from workerless.alarming.alarm import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a widget is, in cells of a grid of 24 columns."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text in Markdown."""

    place: Place
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """The states of alarms, by their names."""

    place: Place
    title: str
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What is shown under a label: the points of the id ``shown``. ``color`` may be empty."""

    label: str
    shown: str
    color: str
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A line across, at a value that matters."""

    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Curves over time, or the last point of each where ``is_figure``.

    ``measures`` and ``expressions`` by id; ``period`` in seconds is that of all.
    """

    place: Place
    title: str
    measures: Mapping[str, Measure]
    expressions: Mapping[str, str]
    curves: tuple[Curve, ...]
    period: int
    unit: str = ""
    right_unit: str = ""
    levels: tuple[Level, ...] = ()
    is_figure: bool = False
    is_stacked: bool = False


type Widget = Words | Bells | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One page, its widgets from the top."""

    name: str
    widgets: tuple[Widget, ...]
