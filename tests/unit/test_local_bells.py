"""Alarms of a local cloud: judged on what is known there, and unknown where nothing is."""

from pathlib import Path

import pytest

from workerless import metric
from workerless.alarming.alarm import Alarm, Measure
from workerless.alarming.composite import Composite
from workerless.alarming.metric import Metric, Sample
from workerless.alarming.state import Missing, Rule, State
from workerless.alarming.template import Alarms
from workerless.local import template
from workerless.local.bell import bells
from workerless.local.errors import LocalCloudError
from workerless.local.measured import calls
from workerless.logs import LogLine

FAILED = Metric.of(metric.NAMESPACE, metric.JOBS_FAILED, service="s", job_type="greet")
END = 1_020.0


def alarm(name: str, watched: Metric) -> Alarm:
    return Alarm(
        name=name,
        measures={"m": Measure(metric=watched, statistic="Sum")},
        watched="m",
        period=60,
        rule=Rule(
            comparison="GreaterThanThreshold",
            threshold=0,
            periods=1,
            datapoints=1,
            missing=Missing.NOT_BREACHING,
        ),
    )


ALARMS = Alarms(
    metric=(
        alarm("failed", FAILED),
        alarm("crashed", Metric.of("AWS/Lambda", "Errors", FunctionName="f")),
    ),
    composite=(Composite(name="page", rule='ALARM("failed") OR ALARM("crashed")'),),
)


def states(*samples: Sample) -> dict[str, State | None]:
    return {one.name: one.state for one in bells(ALARMS, {FAILED: samples}, END, {})}


def test_a_failure_rings_at_the_end_of_the_minute_in_which_it_happened() -> None:
    told = states(Sample(at=END - 1, value=1))

    assert told == {"failed": State.ALARM, "crashed": None, "page": State.ALARM}


def test_what_cannot_be_known_is_unknown_and_rings_no_page() -> None:
    assert states() == {"failed": State.OK, "crashed": None, "page": State.OK}


def test_lines_of_lambda_tell_calls_and_their_duration() -> None:
    lines = [
        LogLine(at_ms=2_000, text="REPORT RequestId: b\tDuration: 7.5 ms\tBilled Duration: 8 ms"),
        LogLine(at_ms=1_000, text="REPORT RequestId: a\tDuration: 3 ms\tBilled Duration: 3 ms"),
        LogLine(at_ms=1_500, text='{"message": "REPORT RequestId: c\tDuration: 9 ms"}'),
    ]

    assert calls("f", lines) == {
        Metric.of("AWS/Lambda", "Invocations", FunctionName="f"): [
            Sample(at=1, value=1),
            Sample(at=2, value=1),
        ],
        Metric.of("AWS/Lambda", "Duration", FunctionName="f"): [
            Sample(at=1, value=3),
            Sample(at=2, value=7.5),
        ],
    }


def test_a_cloud_that_deployed_nothing_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="run `workerless local up`"):
        template.alarms(tmp_path)
