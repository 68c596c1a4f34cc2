"""Lines in CloudWatch's embedded format: what it would extract, and nothing of other lines."""

import json
import math

import pytest

from workerless import metric
from workerless.alarming.emf import samples_of
from workerless.alarming.metric import Metric, Sample


def line(at_ms: int, dimensions: list[list[str]], **fields: object) -> str:
    told = {"Namespace": "Shop", "Dimensions": dimensions, "Metrics": [{"Name": "Sold"}]}
    return json.dumps({"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [told]}, **fields})


def test_each_set_of_dimensions_makes_a_metric_of_its_own() -> None:
    found = samples_of([line(1_500, [["shop"], ["shop", "kind"]], shop="a", kind="b", Sold=3)])

    one = [Sample(at=1.5, value=3)]
    assert found == {
        Metric.of("Shop", "Sold", shop="a"): one,
        Metric.of("Shop", "Sold", shop="a", kind="b"): one,
    }


def test_a_dimension_may_have_any_name() -> None:
    (found,) = samples_of(
        [line(0, [["name", "namespace", "cls"]], name="a", namespace="b", Sold=1)]
    )

    assert found.dimensions == (("name", "a"), ("namespace", "b"))


def test_a_list_is_as_many_samples() -> None:
    (told,) = samples_of([line(0, [[]], Sold=[1, 2])]).values()

    assert [one.value for one in told] == [1, 2]


def test_samples_come_in_order_of_time_whatever_the_order_of_lines() -> None:
    (told,) = samples_of([line(at, [[]], Sold=at) for at in (3_000, 1_000, 2_000)]).values()

    assert [one.at for one in told] == [1, 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "START RequestId: 1",
        '{"message": "CloudWatchMetrics"}',
        '{"CloudWatchMetrics": []',
        '["CloudWatchMetrics"]',
        line(0, [[]], Other=1),
        line(0, [[]], Sold="many"),
        line(0, [[]], Sold=math.nan),
        line(0, [[]], Sold=10**400),
        line(0, [[]], Sold=1).replace('"Dimensions"', '"Sizes"'),
        line(0, [[]], Sold=1).replace("[{", '{"a": {').replace("}]}", "}}}"),
        '{"_aws": {"Timestamp": "now", "CloudWatchMetrics": [{}]}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [1, null, []]}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Dimensions": [[]], "Metrics": [7]}]}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": null}}',
        line(0, [[]], Sold=1).replace("[[]]", "[[{}]]").replace("Sold", "", 1),
        '{"_aws": [{"CloudWatchMetrics": []}]}',
        '{"_aws": "CloudWatchMetrics", "CloudWatchMetrics": 1}',
    ],
)
def test_other_lines_hold_nothing(text: str) -> None:
    assert samples_of([text]) == {}


def test_our_own_lines_are_read() -> None:
    told = metric.enqueued("workerless-dev", "greet", 7, now_ms=60_000)

    assert samples_of([told]) == {
        Metric.of(
            metric.NAMESPACE, metric.JOBS_ENQUEUED, service="workerless-dev", job_type="greet"
        ): [Sample(at=60, value=7)]
    }
