"""The pages of a stage: in the order of reading, nothing left out, and each number computable."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App

from infra.app import build
from infra.lane import lanes_of
from infra.settings import stages
from tests.infra.cloud import ALARM, FUNCTION, QUEUE, Cloud, read
from tests.infra.dashboards import DASHBOARD, Widget, headings, pages
from workerless import metric, naming
from workerless.alarming.expression import evaluate
from workerless.alarming.window import Window

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
MOST_IN_A_GRAPH, MOST_ON_A_PAGE, MOST_WIDGETS, LONGEST_EXPRESSION = 500, 2_500, 500, 2_048
HOUR = Window(start=0, period=60, count=60)
OVERVIEW = naming.overview("prod")


@pytest.fixture
def prod(clouds: Callable[[str], Cloud]) -> Cloud:
    return clouds("prod")


def of_job_type(cloud: Cloud, name: str) -> list[Widget]:
    return pages(cloud)[naming.resource(cloud.stage.name, name)]


def test_a_page_is_read_from_health_to_cost(prod: Cloud) -> None:
    told = headings(of_job_type(prod, "cleanup_expired"))

    assert told == ["Flow", "Latency", "Failures", "Dead", "Flow", "Schedules", "Cost"]


def test_a_job_type_without_schedules_has_no_shelf_for_them(prod: Cloud) -> None:
    assert "Schedules" not in headings(of_job_type(prod, "send_email"))


def test_health_comes_before_every_heading(prod: Cloud) -> None:
    for name, widgets in pages(prod).items():
        kinds = [one.body["type"] for one in widgets]
        views = [one.properties.get("view") for one in widgets]
        assert kinds[:2] == ["text", "alarm"], name
        assert views[2:6] == ["singleValue"] * 4, name


def test_nothing_overlaps_and_nothing_sticks_out(prod: Cloud) -> None:
    for name, widgets in pages(prod).items():
        taken = Counter(cell for one in widgets for cell in one.cells)
        assert set(taken.values()) == {1}, name
        assert all(0 <= x < 24 for x, _ in taken), name


def test_every_metric_of_jobs_is_on_the_page_of_a_job_type(prod: Cloud) -> None:
    for job_type in prod.job_types:
        shown = {
            name
            for one in of_job_type(prod, job_type.name)
            for namespace, name, _ in one.metrics
            if namespace == metric.NAMESPACE
        }
        never = set() if job_type.schedules else {metric.SCHEDULES_MISSED}
        assert shown == set(metric.UNITS) - never, job_type.name


def test_whatever_an_alarm_of_a_job_type_watches_is_on_its_page(prod: Cloud) -> None:
    for job_type in prod.job_types:
        prefix = naming.resource("prod", job_type.name)
        watched = {
            one["MetricName"]
            for _, _, one in prod.each(ALARM)
            if re.fullmatch(rf"{prefix}-[a-z-]+", one["AlarmName"]) and "MetricName" in one
        }
        shown = {name for one in of_job_type(prod, job_type.name) for _, name, _ in one.metrics}
        assert watched - {"PolledEventCount"} <= shown, job_type.name


def test_every_expression_can_be_computed_from_what_its_panel_has(prod: Cloud) -> None:
    found = 0
    for widgets in pages(prod).values():
        for one in widgets:
            points = {id_: tuple(map(float, range(60))) for _, _, id_ in one.metrics if id_}
            for told in one.expressions:
                found += 1
                value = evaluate(told, points, HOUR)
                assert isinstance(value, tuple), (one.title, told)
                assert any(point is not None for point in value), (one.title, told)
    assert found > len(prod.job_types)


def test_no_panel_is_empty(prod: Cloud) -> None:
    for name, widgets in pages(prod).items():
        for one in widgets:
            assert one.body["type"] != "metric" or one.lines, (name, one.title)


def test_pages_lead_to_each_other_and_to_queue_function_and_log(prod: Cloud) -> None:
    known = set(pages(prod))

    for name, (first, *_) in pages(prod).items():
        linked = set(re.findall(r"\(#dashboards:name=([^)]+)\)", first.properties["markdown"]))
        assert linked == (known - {OVERVIEW} if name == OVERVIEW else {OVERVIEW}), name

    words = of_job_type(prod, "send_email")[0].properties["markdown"]
    for place in (
        "%2Fworkerless-prod-send_email)",
        "%2Fworkerless-prod-send_email-dead)",
        "#/functions/workerless-prod-send_email)",
        "log-group/$252Faws$252Flambda$252Fworkerless-prod-send_email)",
        "#alarmsV2:?search=workerless-prod-send_email-)",
    ):
        assert place in words


def test_lanes_have_curves_of_their_own_and_names(prod: Cloud) -> None:
    laned = next(one for one in prod.job_types if one.lanes)

    labels = json.dumps([one.lines for one in of_job_type(prod, laned.name)])

    for lane in lanes_of(laned, prod.stage):
        assert f'"waiting: {lane.name}"' in labels
        assert f'"polled: {lane.name}"' in labels


def test_the_overview_has_each_job_type_in_each_graph_of_jobs(prod: Cloud) -> None:
    graphs = {one.title: one for one in pages(prod)[OVERVIEW] if one.lines}

    for title in ("Jobs enqueued a minute", "From due to start, p95", "Dead letters"):
        labels = {line[-1]["label"] for line in graphs[title].lines if "label" in line[-1]}
        assert labels == {one.name for one in prod.job_types}, title


def test_the_overview_is_tied_to_no_other_stack(prod: Cloud) -> None:
    (template,) = [one for one in prod.templates if one.name.endswith("-overview")]

    assert "Fn::ImportValue" not in template.source
    assert set(re.findall(r'"Ref": "([^"]+)"', template.source)) <= {
        "AWS::AccountId",
        "AWS::Partition",
        "AWS::Region",
        "BootstrapVersion",  # the CDK's own, of every stack
    }
    assert {one["Type"] for one in template.body["Resources"].values()} == {DASHBOARD}


def test_the_overview_names_queues_and_functions_that_there_are(prod: Cloud) -> None:
    there = {one["QueueName"] for _, _, one in prod.each(QUEUE)} | {
        one["FunctionName"] for _, _, one in prod.each(FUNCTION) if "FunctionName" in one
    }

    named = {
        line[3]
        for one in pages(prod)[OVERVIEW]
        for line in one.lines
        if len(line) > 3 and line[2] in ("QueueName", "FunctionName")
    }

    assert named
    assert named <= there


def test_pages_keep_within_the_limits_of_cloudwatch(prod: Cloud) -> None:
    for name, widgets in pages(prod).items():
        counts = [sum(1 for _ in one.metrics) for one in widgets]
        assert max(counts) <= MOST_IN_A_GRAPH, name
        assert sum(counts) <= MOST_ON_A_PAGE, name
        assert len(widgets) <= MOST_WIDGETS, name
        assert all(len(told) <= LONGEST_EXPRESSION for one in widgets for told in one.expressions)


def test_the_overview_has_room_for_a_hundred_job_types(prod: Cloud) -> None:
    widgets, share = pages(prod)[OVERVIEW], 100 / len(prod.job_types)

    assert sum(1 for one in widgets for _ in one.metrics) * share < MOST_ON_A_PAGE
    assert (
        max(len(told) for one in widgets for told in one.expressions) * share < LONGEST_EXPRESSION
    )


def test_a_stage_without_job_types_has_a_page_all_the_same(tmp_path: Path) -> None:
    stage = stages({})["prod"]
    app = App(outdir=str(tmp_path))
    build(app, stage=stage, found=[])
    app.synth()

    (widgets,) = pages(read(tmp_path, stage, [])).values()

    assert widgets
    assert all(one.lines for one in widgets if one.body["type"] == "metric")
