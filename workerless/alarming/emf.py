"""Samples in lines of a log: those that CloudWatch would extract from them.

Source: the embedded metric format's specification, in the user guide of CloudWatch.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from workerless.alarming.metric import Metric, Sample, Samples

_MILLISECONDS = 1_000
# What stands in every line with metrics, and in next to no other.
_MARK = '"CloudWatchMetrics"'


def samples_of(lines: Iterable[str]) -> Samples:
    """Those of all lines, each metric's in order of time. What is no such line holds none."""
    found: dict[Metric, list[Sample]] = {}
    for line in lines:
        if _MARK in line:
            for metric, sample in _samples(_document(line)):
                found.setdefault(metric, []).append(sample)
    for told in found.values():
        told.sort(key=lambda sample: sample.at)
    return found


def _document(line: str) -> Mapping[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _samples(document: Mapping[str, Any]) -> Iterator[tuple[Metric, Sample]]:
    about = document.get("_aws", {})
    at = about.get("Timestamp", 0) / _MILLISECONDS
    for directive in about.get("CloudWatchMetrics", []):
        for names, told in product(directive["Dimensions"], directive["Metrics"]):
            metric = Metric.of(
                directive["Namespace"],
                told["Name"],
                **{name: str(document[name]) for name in names if name in document},
            )
            for value in _values(document.get(told["Name"])):
                yield metric, Sample(at=at, value=value)


def _values(told: Any) -> list[float]:
    """A metric is a number, or a list of them."""
    listed = told if isinstance(told, list) else [told]
    return [float(one) for one in listed if isinstance(one, int | float)]
