"""What CloudWatch would show of a local cloud, over a cloud that nobody started."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.unit.cli import Terminal, no_deployment
from workerless import metric
from workerless.alarming.metric import Metric, Sample, Samples
from workerless.cli.app import app
from workerless.local.cloud import LocalCloud
from workerless.local.process import find
from workerless.local.state import Running, remember

FAILED = "workerless-local-greet-failed"
CRASHED = "workerless-local-greet-crashed"
OTHER = "workerless-local-other-failed"


def of_jobs(name: str, job_type: str) -> Metric:
    return Metric.of(metric.NAMESPACE, name, service="workerless-local", job_type=job_type)


def alarm(name: str, watched: Metric) -> Mapping[str, object]:
    dimensions = [{"Name": key, "Value": value} for key, value in watched.dimensions]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "AlarmDescription": f"What {name} means.",
            "Namespace": watched.namespace,
            "MetricName": watched.name,
            "Dimensions": dimensions,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


def dashboard(name: str) -> Mapping[str, object]:
    place = {"x": 0, "y": 0, "width": 24, "height": 6}
    line = ["Workerless", metric.JOBS_FAILED, "job_type", "greet", "service", "workerless-local"]
    arn = f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{FAILED}"
    widgets = [
        {"type": "alarm", **place, "properties": {"title": "Alarms", "alarms": [arn]}},
        {"type": "metric", **place, "properties": {"title": "Failed", "metrics": [line]}},
    ]
    body = json.dumps({"widgets": widgets})
    properties = {"DashboardName": name, "DashboardBody": body}
    return {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}


TEMPLATE = {
    "Resources": {
        "Failed": alarm(FAILED, of_jobs(metric.JOBS_FAILED, "greet")),
        "Crashed": alarm(CRASHED, Metric.of("AWS/Lambda", "Errors", FunctionName="greet")),
        "Other": alarm(OTHER, of_jobs(metric.JOBS_FAILED, "other")),
        "Page": dashboard("workerless-local-greet"),
        "Overview": dashboard("workerless-local--overview"),
    }
}


class Watcher:
    """The command line beside a local cloud that measured ``samples``."""

    def __init__(self, folder: Path) -> None:
        self.terminal = Terminal(folder=folder)
        self.now = self.terminal.clock.now()
        self.samples: dict[Metric, list[Sample]] = {}
        self.spans: list[timedelta] = []
        self.directory = folder / ".local"
        (self.directory / "cdk.out").mkdir(parents=True)
        file = self.directory / "cdk.out" / "shop.template.json"
        file.write_text(json.dumps(TEMPLATE))
        process = find(os.getpid())
        assert process
        remember(self.directory, process, port=1)

    def told(self, name: str, value: float = 1, *, job_type: str = "greet") -> None:
        """Something is measured now."""
        sample = Sample(at=self.terminal.clock.now().timestamp(), value=value)
        self.samples.setdefault(of_jobs(name, job_type), []).append(sample)

    def measure(self, directory: Path, running: Running, since: float, until: float) -> Samples:
        assert directory == self.directory
        assert running.port == 1
        self.spans.append(timedelta(seconds=until - since))
        return self.samples

    def run(self, *arguments: str, sleep: Callable[[float], None] | None = None) -> Result:
        def cloud(root: Path, environ: Mapping[str, str]) -> LocalCloud:
            return LocalCloud(directory=self.directory, environ=environ, deploy=no_deployment)

        world = self.terminal.world(cloud=cloud, measure=self.measure, sleep=sleep)
        return CliRunner().invoke(app, ["local", *arguments], obj=world)

    def answer(self, *arguments: str) -> Any:
        shown = self.run(*arguments, "--json")
        assert shown.exit_code == 0, shown.output
        return json.loads(shown.stdout)


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path)


def test_metrics_are_told_by_job_type_with_their_figures(watcher: Watcher) -> None:
    for value in (100, 300):
        watcher.told(metric.JOB_DURATION, value)
    watcher.told(metric.JOBS_FAILED, job_type="another")
    watcher.samples[Metric.of("AWS/SQS", "Depth", QueueName="q")] = [Sample(at=0, value=1)]

    rows = watcher.answer("metrics")

    assert [row["job_type"] for row in rows] == ["another", "greet"]
    assert rows[1] == {
        "job_type": "greet",
        "metric": "JobDuration",
        "unit": "Milliseconds",
        "samples": 2,
        "sum": 400,
        "average": 200,
        "maximum": 300,
    }


def test_metrics_of_one_job_type_and_of_a_time(watcher: Watcher) -> None:
    watcher.told(metric.JOBS_FAILED, job_type="another")

    assert watcher.answer("metrics", "greet", "--since", "10m") == []
    assert watcher.spans == [timedelta(minutes=10)]


def test_alarms_tell_their_state_and_those_that_ring_what_they_mean(watcher: Watcher) -> None:
    watcher.told(metric.JOBS_FAILED)

    shown = watcher.run("alarms").stdout

    lines = {line.split()[0]: line.split()[-1] for line in shown.splitlines() if line.strip()}
    assert (lines[CRASHED], lines[OTHER]) == ("unknown", "OK")
    assert f"{FAILED}: What {FAILED} means." in shown.splitlines()
    assert f"{OTHER}: " not in shown


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((), {FAILED, CRASHED, OTHER}),
        (("greet",), {FAILED, CRASHED}),
        (("--ringing",), {FAILED}),
        (("other", "--ringing"), set()),
    ],
)
def test_alarms_of_one_job_type_and_those_that_ring(
    watcher: Watcher, arguments: tuple[str, ...], names: set[str]
) -> None:
    watcher.told(metric.JOBS_FAILED)

    assert {one["name"] for one in watcher.answer("alarms", *arguments)} == names


@pytest.mark.parametrize("how", [[], ["--ringing"], ["--watch"]])
def test_alarms_of_no_job_type_are_refused_and_not_silent(watcher: Watcher, how: list[str]) -> None:
    shown = watcher.run("alarms", "gret", *how)

    assert shown.exit_code == 3
    assert "one that is deployed with alarms, got 'gret'" in shown.stderr


def test_where_nothing_rings_it_says_so(watcher: Watcher) -> None:
    assert watcher.run("alarms", "--ringing").stdout == "none\n"


def minutes(watcher: Watcher, *happens: Callable[[], None]) -> Callable[[float], None]:
    """Passes the time that somebody sleeps; one thing happens after each sleep, then Ctrl-C."""
    turns = count()

    def sleep(seconds: float) -> None:
        turn = next(turns)
        if turn == len(happens):
            raise KeyboardInterrupt
        watcher.terminal.clock.advance(timedelta(seconds=seconds))
        happens[turn]()

    return sleep


def nothing() -> None:
    """A quiet minute."""


def test_watching_tells_what_changes_once_its_minute_is_over(watcher: Watcher) -> None:
    def fails() -> None:
        watcher.told(metric.JOBS_FAILED)

    # CloudWatch looks some periods back where points are missing.
    quiet = [nothing] * 5
    shown = watcher.run("alarms", "--watch", "--ringing", sleep=minutes(watcher, fails, *quiet))

    changes = [line.split(" ", 1)[1] for line in shown.stdout.splitlines() if "->" in line]
    assert changes == [f"{FAILED}: OK -> ALARM", f"{FAILED}: ALARM -> OK"]
    assert f"What {FAILED} means." in shown.stdout


def test_watching_looks_once_a_minute_soon_after_its_end(watcher: Watcher) -> None:
    looks: list[float] = []

    def look() -> None:
        looks.append(watcher.terminal.clock.now().timestamp() % 60)

    watcher.run("alarms", "--watch", sleep=minutes(watcher, look, look, look))

    assert looks == [5, 5, 5]
    assert len(watcher.spans) == 4


def test_watching_tells_changes_to_programs(watcher: Watcher) -> None:
    def fails() -> None:
        watcher.told(metric.JOBS_FAILED)

    shown = watcher.run(
        "alarms", "greet", "--watch", "--json", sleep=minutes(watcher, fails, nothing)
    )

    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(shown.stdout)
    second, _ = decoder.raw_decode(shown.stdout[end:].lstrip())
    assert {one["name"] for one in first} == {FAILED, CRASHED}
    assert second["name"] == FAILED
    assert (second["before"], second["state"]) == ("OK", "ALARM")


def test_dashboards_are_drawn_and_the_one_asked_for_is_told(watcher: Watcher) -> None:
    watcher.told(metric.JOBS_FAILED)

    told = watcher.answer("dashboard", "greet")

    page = Path(told["file"])
    assert page == watcher.directory / "dashboards" / "workerless-local-greet.html"
    assert told["address"] == page.as_uri()
    assert f'<span class="ALARM">{FAILED}' in page.read_text()
    assert "<svg" in page.read_text()


def test_the_page_of_all_is_told_when_no_job_type_is(watcher: Watcher) -> None:
    shown = watcher.run("dashboard").stdout

    assert shown.strip().endswith("/dashboards/workerless-local--overview.html")


def test_a_dashboard_of_no_job_type_is_refused(watcher: Watcher) -> None:
    refused = watcher.run("dashboard", "nobody")

    assert refused.exit_code == 3
    assert "type must be one that is deployed, got 'nobody'" in refused.output


@pytest.mark.parametrize("command", ["metrics", "alarms", "dashboard"])
def test_a_cloud_that_does_not_run_says_what_to_run(watcher: Watcher, command: str) -> None:
    (watcher.directory / "state.json").unlink()

    refused = watcher.run(command)

    assert refused.exit_code != 0
    assert "the local cloud is not running; run `workerless local up`" in refused.output
