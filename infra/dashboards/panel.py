"""A page as panels: what is shown, in which order. Pure; ``widget`` makes CloudWatch's of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.alarms.row import Measure

WHOLE, HALF, THIRD, QUARTER = 24, 12, 8, 6
GREEN, RED, ORANGE, BLUE, GREY = "#2ca02c", "#d62728", "#ff7f0e", "#1f77b4", "#7f7f7f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One series: a measure, or an ``expression`` of metric math over several by id.

    An id means the same measure wherever it stands in a panel.
    """

    label: str
    measures: Mapping[str, Measure]
    expression: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A level that matters: where an alarm rings, what a function may take."""

    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text in Markdown; ``height`` in CloudWatch's grid, as of all panels."""

    markdown: str
    height: int
    width: int = WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Curves over time. ``unit`` is that of the left axis, ``right_unit`` of the right one."""

    title: str
    unit: str
    left: tuple[Curve, ...]
    right: tuple[Curve, ...] = ()
    right_unit: str = ""
    lines: tuple[Line, ...] = ()
    minutes: int = 1
    stacked: bool = False
    height: int = 6
    width: int = HALF


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The last value of each curve, in large."""

    title: str
    curves: tuple[Curve, ...]
    minutes: int = 1
    height: int = 3
    width: int = QUARTER


type Panel = Words | Graph | Figures
# Panels beside each other; one that has no curve is left out.
type Shelf = tuple[Panel, ...]


def heading(text: str) -> Shelf:
    """What the shelves below it answer."""
    return (Words(markdown=f"## {text}", height=1),)


def curve(label: str, place: str, name: str, statistic: str, color: str = "") -> Curve:
    """One measure as it is."""
    measure = Measure(place=place, name=name, statistic=statistic)
    return Curve(label=label, measures={"m": measure}, color=color)


def is_shown(panel: Panel) -> bool:
    """False where a page has nothing for it."""
    match panel:
        case Words():
            return True
        case Graph():
            return bool(panel.left or panel.right)
        case Figures():
            return bool(panel.curves)
