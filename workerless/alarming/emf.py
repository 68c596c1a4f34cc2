"""Samples in lines of a log: those that CloudWatch would extract from them.

Source: the embedded metric format's specification, in the user guide of CloudWatch.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from workerless.alarming.metric import Metric, Sample, Samples

_MILLISECONDS = 1_000
# What CloudWatch takes of either sign; NaN is no number to it.
_GREATEST = 2**360
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
    return _object(document)


def _samples(document: Mapping[str, Any]) -> Iterator[tuple[Metric, Sample]]:
    """Handlers may print whatever they like: what is not in the format's shape is passed over."""
    about = _object(document.get("_aws"))
    at: Any = about.get("Timestamp")
    if not _is_number(at):
        return
    for directive in map(_object, _list(about.get("CloudWatchMetrics"))):
        sets, defined = _list(directive.get("Dimensions")), _list(directive.get("Metrics"))
        for names, told in product(map(_list, sets), map(_object, defined)):
            values = {name: str(document[name]) for name in map(str, names) if name in document}
            metric = Metric.of(str(directive.get("Namespace")), str(told.get("Name")), **values)
            for value in _values(document.get(metric.name)):
                yield metric, Sample(at=at / _MILLISECONDS, value=value)


def _values(told: Any) -> list[float]:
    """A metric is a number, or a list of them."""
    listed = told if isinstance(told, list) else [told]
    return [float(one) for one in listed if _is_number(one)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= _GREATEST


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
