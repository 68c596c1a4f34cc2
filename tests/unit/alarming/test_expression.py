"""Metric math, on small series."""

import pytest

from workerless.alarming.expression import ExpressionError, evaluate
from workerless.alarming.leeway import Leeway
from workerless.alarming.series import Value
from workerless.alarming.window import Window

WINDOW = Window(start=600, period=60, count=5)
NAMED: dict[str, Value] = {
    "a": (1.0, 1.0, 0.0, 0.0, None),
    "b": (0.0, 0.0, 20.0, None, 20.0),
    "none": (None,) * 5,
    "n": 4.0,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 8 / 4", 5),
        ("(1 + 2) * 3", 9),
        ("-2 * -(3 - 1)", 4),
        ("8 / 2 / 2", 2),
        ("1 / 0", None),
        ("2 > 1 AND 1 > 2 OR 1 == 1", 1),
        ("2 >= 3 || 3 <= 2 && 1 != 2", 0),
        ("IF(1 > 2, 3, 4)", 4),
        ("n * 100", 400),
        # A point needs both: nothing is made up by arithmetic.
        ("a + b", (1, 1, 20, None, None)),
        ("100 * a / b", (None, None, 0, None, None)),
        # To logic a missing point beside another is 0; beside a number it stays missing.
        ("a < b", (0, 0, 1, 0, 1)),
        ("a > 0 AND b > 0", (0, 0, 0, 0, 0)),
        ("a == 1", (1, 1, 0, 0, None)),
        # The guide's own example.
        ("IF(a, 5, b)", (5, 5, 20, None, None)),
        ("IF(b, none, 7)", (7, 7, 0, None, 0)),
        ("FILL(a, 9)", (1, 1, 0, 0, 9)),
        ("FILL(b, REPEAT)", (0, 0, 20, 20, 20)),
        ("FILL(FILL(none, REPEAT), 0)", (0, 0, 0, 0, 0)),
        ("SUM(a)", 2),
        ("MAX(b) - MIN(b)", 20),
        ("AVG(none)", None),
        ("SUM([a, b])", (1, 1, 20, 0, 20)),
        ("AVG([a, none])", (1, 1, 0, 0, None)),
        ("DIFF(b)", (None, 0, 20, None, 0)),
        ("RATE(b)", (None, 0, 20 / 60, None, 0)),
        ("EPOCH(none)", (600, 660, 720, 780, 840)),
        ("IF(EPOCH(a) >= MAX(EPOCH(a)) - 60, 1, 0)", (0, 0, 0, 1, 1)),
    ],
)
def test_expression_is_worth_what_the_guide_says(text: str, value: object) -> None:
    assert evaluate(text, NAMED, WINDOW) == value


def test_whether_nothing_at_all_is_filled_is_left_open() -> None:
    leeway = Leeway(fills_nothing=False)

    assert evaluate("FILL(none, 0)", NAMED, WINDOW, leeway) == (None,) * 5
    assert evaluate("FILL(a, 9)", NAMED, WINDOW, leeway) == (1, 1, 0, 0, 9)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a +", "it ends where a value is wanted"),
        ("c", r"there is no id 'c' \(there are a, b, none, n\)"),
        ("SEARCH(a)", "function must be one of .*, got SEARCH"),
        ("a $ b", r"cannot read on from ' \$ b'"),
        ("(a", "'\\)' is wanted, got 'the end'"),
        ("a b", "'the end' is wanted, got 'b'"),
        ("[a, 1]", "an array holds series only"),
        ("[a, b] + 1", "an array of series is no series"),
        ("DIFF(1)", "a series is wanted, got 1"),
        ("FILL(a, a)", "a number or REPEAT is wanted"),
        ("IF(a)", "missing 2 required positional arguments"),
    ],
)
def test_what_is_no_metric_math_is_refused_and_named(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        evaluate(text, NAMED, WINDOW)
