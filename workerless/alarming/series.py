"""The operators and functions of metric math, on points and on single numbers.

Source: "Using metric math", syntax and functions, in the user guide of CloudWatch.
"""

import math
from collections.abc import Callable, Mapping
from operator import add, eq, ge, gt, le, lt, mul, ne, sub

from workerless.alarming.window import Points, Window

type Number = float | None
# A number, a series, or an array of series.
type Value = Number | Points | list[Points]


def _divided(a: float, b: float) -> Number:
    return a / b if b else None


ARITHMETIC: Mapping[str, Callable[[float, float], Number]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": _divided,
}
LOGIC: Mapping[str, Callable[[float, float], bool]] = {
    "==": eq,
    "!=": ne,
    "<=": le,
    ">=": ge,
    "<": lt,
    ">": gt,
    "AND": lambda a, b: bool(a) and bool(b),
    "OR": lambda a, b: bool(a) or bool(b),
}
AGGREGATES: Mapping[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: math.fsum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": math.fsum,
}


def operate(sign: str, a: Value, b: Value) -> Value:
    """``a sign b``; a missing point stays missing, but beside another one it is 0 to logic."""
    first, second = _numbers(a), _numbers(b)
    if not isinstance(first, tuple) and not isinstance(second, tuple):
        return _one(sign, first, second)
    length = len(first) if isinstance(first, tuple) else len(_series(second))
    pairs = zip(_long(first, length), _long(second, length), strict=True)
    if sign in LOGIC and isinstance(first, tuple) and isinstance(second, tuple):
        pairs = zip(*_zeros(first, second), strict=True)
    return tuple(_one(sign, one, other) for one, other in pairs)


def choose(condition: Value, yes: Value, no: Value) -> Value:
    """IF. What is chosen and missing is 0 where the condition holds, and missing else."""
    chosen = _numbers(condition)
    if not isinstance(chosen, tuple):
        return yes if chosen else no
    length = len(chosen)
    branches = zip(chosen, _long(_numbers(yes), length), _long(_numbers(no), length), strict=True)
    return tuple(None if c is None else (a or 0.0) if c else b for c, a, b in branches)


def fill(series: Value, by: Value | str, *, fills_nothing: bool) -> Value:
    """FILL, by a number or REPEAT: the last point that is there."""
    points = _series(series)
    if not fills_nothing and all(point is None for point in points):
        return points
    if by != "REPEAT":
        number = _number(by)
        return tuple(number if point is None else point for point in points)
    filled: list[Number] = []
    for point in points:
        filled.append(filled[-1] if point is None and filled else point)
    return tuple(filled)


def aggregate(name: str, value: Value) -> Value:
    """Of a series one number, of an array a series: what is missing counts for nothing."""
    if isinstance(value, list):
        return tuple(_aggregate(name, column) for column in zip(*value, strict=True))
    return _aggregate(name, _series(value))


def difference(series: Value, window: Window, *, per_second: bool) -> Points:
    """DIFF and RATE: from the point before, however long ago; the first one has none."""
    before: tuple[int, float] | None = None
    found: list[Number] = []
    for start, point in zip(window.starts, _series(series), strict=True):
        if point is None or before is None:
            found.append(None)
        else:
            found.append((point - before[1]) / (start - before[0] if per_second else 1))
        before = before if point is None else (start, point)
    return tuple(found)


def epoch(window: Window) -> Points:
    """EPOCH: when each period starts, whether there is a point or not."""
    return tuple(float(start) for start in window.starts)


def _aggregate(name: str, points: Points) -> Number:
    real = [point for point in points if point is not None]
    return AGGREGATES[name](real) if real else None


def _one(sign: str, a: Number, b: Number) -> Number:
    if a is None or b is None:
        return None
    return float(LOGIC[sign](a, b)) if sign in LOGIC else ARITHMETIC[sign](a, b)


def _zeros(a: Points, b: Points) -> tuple[Points, Points]:
    pairs = list(zip(a, b, strict=True))
    return (
        tuple(0.0 if one is None and other is not None else one for one, other in pairs),
        tuple(0.0 if other is None and one is not None else other for one, other in pairs),
    )


def _long(value: Number | Points, length: int) -> Points:
    return value if isinstance(value, tuple) else (value,) * length


def _numbers(value: Value) -> Number | Points:
    if isinstance(value, list):
        raise TypeError("an array of series is no series; put it together by SUM, AVG, MIN or MAX")
    return value


def _series(value: Value) -> Points:
    if not isinstance(value, tuple):
        raise TypeError(f"a series is wanted, got {value}")
    return value


def _number(value: Value | str) -> Number:
    if not isinstance(value, float):
        raise TypeError(f"a number or REPEAT is wanted, got {value}")
    return value
