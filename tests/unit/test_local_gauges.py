"""Depths of queues are remembered from look to look, as long as their cloud runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from workerless.alarming.metric import Metric, Sample
from workerless.local import gauge

EMPTY = {"visible": 0, "in_flight": 0, "delayed": 0}


def seen(
    found: Mapping[Metric, Sequence[Sample]], name: str = "MessagesVisible"
) -> list[tuple[float, float]]:
    metric = Metric.of("AWS/SQS", f"ApproximateNumberOf{name}", QueueName="q")
    return [(one.at, one.value) for one in found[metric]]


def look(directory: Path, at: float, cloud: int = 7, **counts: int) -> dict[Metric, list[Sample]]:
    return gauge.remember(directory, cloud, at=at, depths={"q": {**EMPTY, **counts}})


def test_each_look_is_a_sample_of_each_count(tmp_path: Path) -> None:
    look(tmp_path, at=60, visible=3)

    found = look(tmp_path, at=120, visible=4, in_flight=1, delayed=2)

    assert seen(found) == [(60, 3), (120, 4)]
    assert seen(found, "MessagesNotVisible") == [(60, 0), (120, 1)]
    assert seen(found, "MessagesDelayed") == [(60, 0), (120, 2)]


def test_another_cloud_begins_anew_and_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    look(tmp_path, at=60, cloud=7)

    assert seen(look(tmp_path, at=120, cloud=8)) == [(120, 0)]
    assert [file.name for file in tmp_path.iterdir()] == ["gauges-8.jsonl"]


def test_the_oldest_looks_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauge, "_MOST_LOOKS", 2)
    for at in (60, 120, 180):
        found = look(tmp_path, at=at)

    assert seen(found) == [(120, 0), (180, 0)]
