"""Metrics: what lines count, said as Powertools would say it."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from workerless import metric

ROOT = Path(__file__).resolve().parents[2]
NOW_MS = int(time.time() * 1000)  # CloudWatch, and so Powertools, takes none of long ago
LINE: dict[str, str | float | None] = {
    "job_type": "send_email",
    "wait_ms": 12.5,
    "duration_ms": 250.0,
    "attempt": 2,
}


def counted_of(event: str, fields: dict[str, Any]) -> dict[str, float]:
    counted = metric.values({"event": event, **fields})
    return {name: counted.get(name, 41.5) for name in metric.COUNTED[event]}


def emf(event: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The members that a line has for CloudWatch."""
    counted = counted_of(event, fields)
    text = f"{{{metric.directive(tuple(counted), NOW_MS)}}}"
    ours = {metric.SERVICE: "workerless-prod", metric.JOB_TYPE: fields["job_type"]}
    return {**ours, **counted, **json.loads(text)}


def powertools(event: str, fields: dict[str, Any]) -> dict[str, Any]:
    provider = AmazonCloudWatchEMFProvider(namespace=metric.NAMESPACE, service="workerless-prod")
    provider.add_dimension(metric.JOB_TYPE, fields["job_type"])
    for name, value in counted_of(event, fields).items():
        provider.add_metric(name=name, unit=metric.UNITS[name], value=value)
    provider.set_timestamp(NOW_MS)
    said: dict[str, Any] = dict(provider.serialize_metric_set())
    provider.clear_metrics()
    return said


def told(line: dict[str, Any]) -> set[tuple[Any, ...]]:
    """What CloudWatch makes of it: a value for each metric of each set of dimensions."""
    aws = line["_aws"]
    return {
        (
            aws["Timestamp"],
            one["Namespace"],
            tuple(sorted((name, line[name]) for name in dimensions)),
            entry["Name"],
            entry["Unit"],
            tuple(line[entry["Name"]])
            if isinstance(line[entry["Name"]], list)
            else (line[entry["Name"]],),
        )
        for one in aws["CloudWatchMetrics"]
        for dimensions in one["Dimensions"]
        for entry in one["Metrics"]
    }


@pytest.mark.parametrize("event", metric.COUNTED)
def test_a_line_tells_cloudwatch_what_powertools_would(event: str) -> None:
    assert told(emf(event, LINE)) == told(powertools(event, LINE))


@pytest.mark.parametrize("event", metric.COUNTED)
def test_every_metric_of_an_event_is_told_with_a_unit(event: str) -> None:
    counted = metric.values({"event": event, **LINE})

    assert {*counted, metric.MEMORY_USED} >= set(metric.COUNTED[event]) >= set(counted)
    assert set(metric.COUNTED[event]) <= set(metric.UNITS)


def test_what_a_line_does_not_say_is_not_measured() -> None:
    swept: dict[str, str | float | None] = {
        "event": "job.failed",
        "job_type": "send_email",
        "duration_ms": None,
        "attempt": 3,
    }

    assert metric.values(swept) == {metric.JOBS_FAILED: 1, metric.JOB_ATTEMPTS: 3}


def test_jobs_enqueued_together_are_counted_in_one_line() -> None:
    many: dict[str, str | float | None] = {
        "event": "jobs.enqueued",
        "job_type": "send_email",
        "jobs": 400,
    }

    assert metric.values(many) == {metric.JOBS_ENQUEUED: 400}
    assert metric.values({"event": "schedule.started"}) == {metric.JOBS_ENQUEUED: 1}


def test_what_neither_succeeded_nor_failed_is_in_no_ratio_of_the_two() -> None:
    """Alarms divide by the jobs whose attempts are counted: a thousand discarded would hide ten."""
    in_ratio = {event for event, names in metric.COUNTED.items() if metric.JOB_ATTEMPTS in names}

    assert in_ratio == {"job.completed", "job.failed", "job.lost"}


@pytest.mark.parametrize("event", ["job.duplicate", "sweep.done", None])
def test_all_else_counts_nothing(event: str | None) -> None:
    assert metric.values({"event": event, **LINE}) == {}


def test_page_says_what_each_transition_counts() -> None:
    """Those of docs/lifecycle.md, each with its metrics or with none."""
    page = (ROOT / "docs" / "metrics.md").read_text()
    row = r"^\| `((?:jobs?|queue|schedule)\.[a-z]+)` \|[^|]*\| (.*) \|$"
    rows = re.findall(row, page, re.MULTILINE)
    said = {event: tuple(re.findall(r"`(\w+)`", told)) for event, told in rows}
    logs = (ROOT / "docs" / "lifecycle.md").read_text().partition("## Logs\n")[2]
    transitions = set(re.findall(r"`(job\.[a-z]+)`", logs.partition("Its fields")[0]))

    assert transitions <= set(said)
    counted = {event: set(metrics) for event, metrics in said.items() if metrics}
    assert counted == {event: set(metrics) for event, metrics in metric.COUNTED.items()}


def test_page_names_every_metric_with_its_unit() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    rows = re.findall(r"^\| `([A-Z]\w+)` \| (\w+) \|", page, re.MULTILINE)

    assert dict(rows) == dict(metric.UNITS)
