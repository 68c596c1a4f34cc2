"""Samples as alarms see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.alarming.metric import Metric, Sample
from workerless.alarming.window import Window, points
from workerless.errors import WorkerlessError

VALUES = (3.0, 1.0, 2.0, 10.0)
SAMPLES = [Sample(at=60 + n, value=value) for n, value in enumerate(VALUES)]
WINDOW = Window(start=0, period=60, count=3)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("Sum", 16),
        ("Average", 4),
        ("Minimum", 1),
        ("Maximum", 10),
        ("SampleCount", 4),
        ("p0", 1),
        ("p50", 2),
        ("p75", 3),
        ("p99.9", 10),
    ],
)
def test_each_period_has_the_statistic_of_its_samples(statistic: str, value: float) -> None:
    assert points(SAMPLES, statistic, WINDOW) == (None, value, None)


@pytest.mark.parametrize("statistic", ["Median", "p", "p101", "50"])
def test_an_unknown_statistic_is_refused(statistic: str) -> None:
    with pytest.raises(WorkerlessError, match=r"statistic must be one of .*, got "):
        points(SAMPLES, statistic, WINDOW)


def test_windows_of_minutes_slide_from_minute_to_minute() -> None:
    assert Window.ending(659, period=300, count=2) == Window(start=0, period=300, count=2)
    assert Window.ending(660, period=300, count=2) == Window(start=60, period=300, count=2)
    assert Window.ending(25, period=10, count=1) == Window(start=10, period=10, count=1)


@given(times=st.lists(st.integers(0, 400)).map(sorted), start=st.integers(-100, 400))
def test_every_sample_of_the_window_is_in_one_period(times: list[int], start: int) -> None:
    window = Window(start=start, period=30, count=4)
    found = points([Sample(at=at, value=1) for at in times], "Sum", window)

    assert sum(one or 0 for one in found) == sum(start <= at < start + 120 for at in times)


def test_a_metric_is_told_with_its_dimensions() -> None:
    metric = Metric.of("AWS/SQS", "Age", QueueName="mail", A="b")

    assert str(metric) == "AWS/SQS Age (A=b, QueueName=mail)"
