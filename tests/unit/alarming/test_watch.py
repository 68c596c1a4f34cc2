"""Alarms read from a template, and followed over time."""

from typing import Any

import pytest

from workerless.alarming.composite import Composite
from workerless.alarming.expression import ExpressionError
from workerless.alarming.metric import Metric, Sample
from workerless.alarming.state import State
from workerless.alarming.template import Alarms, Names, read
from workerless.alarming.watch import history
from workerless.errors import WorkerlessError

AGE = Metric.of("AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName="mail")


def stat(id_: str, name: str) -> dict[str, Any]:
    metric = {
        "Namespace": "Workerless",
        "MetricName": name,
        "Dimensions": [{"Name": "job_type", "Value": {"Ref": "Job"}}],
    }
    return {
        "Id": id_,
        "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
        "ReturnData": False,
    }


def template(**changes: Any) -> dict[str, Any]:
    failing = {
        "AlarmName": "failing",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 10,
        "TreatMissingData": "notBreaching",
        "Metrics": [
            stat("failed", "JobsFailed"),
            stat("done", "JobsCompleted"),
            {"Id": "ended", "Expression": "FILL(failed, 0) + done", "ReturnData": False},
            {"Id": "ratio", "Expression": "100 * failed / ended"},
        ],
    }
    return {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "mail"}},
            "Old": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmName": "old",
                    "AlarmDescription": "too old",
                    "MetricName": AGE.name,
                    "Namespace": AGE.namespace,
                    "Dimensions": [
                        {"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}
                    ],
                    "Statistic": "Maximum",
                    "Period": 60,
                    "EvaluationPeriods": 3,
                    "DatapointsToAlarm": 2,
                    "Threshold": 900,
                    "ComparisonOperator": "GreaterThanThreshold",
                    "AlarmActions": [
                        {"Fn::Join": ["", ["arn:aws:sns:", {"Ref": "AWS::Region"}, ":1:a"]]}
                    ],
                    **changes,
                },
            },
            "Failing": {"Type": "AWS::CloudWatch::Alarm", "Properties": failing},
            "Page": {
                "Type": "AWS::CloudWatch::CompositeAlarm",
                "Properties": {
                    "AlarmName": "page",
                    "AlarmRule": {
                        "Fn::Join": [
                            "",
                            [
                                '(ALARM("',
                                {"Fn::GetAtt": ["Old", "Arn"]},
                                '") OR ALARM("',
                                {"Fn::GetAtt": ["Failing", "Arn"]},
                                '"))',
                            ],
                        ]
                    },
                },
            },
        }
    }


def alarms(**changes: Any) -> Alarms:
    told = {"AWS::Region": "eu-west-1"}
    return read(template(**changes), physical={"Job": "send_email"}, pseudo=told)


def test_alarms_ring_and_fall_silent_as_their_series_say() -> None:
    job = {"job_type": "send_email"}
    samples = {
        AGE: [Sample(at=60 * n, value=1_000 if n in (3, 4) else 10) for n in range(8)],
        Metric.of("Workerless", "JobsCompleted", **job): [
            Sample(at=60 * n, value=4) for n in range(8)
        ],
        Metric.of("Workerless", "JobsFailed", **job): [Sample(at=60, value=1)],
    }

    told = list(history(alarms(), samples, [60 * n for n in range(1, 9)]))

    rings = {
        name: [n for n, states in enumerate(told, 1) if states[name] is State.ALARM]
        for name in ("old", "failing", "page")
    }
    # The last point of a ratio that is missing since counts as long as it is retrieved.
    assert rings == {"old": [5, 6], "failing": [2, 3, 4], "page": [2, 3, 4, 5, 6]}


def test_a_template_tells_all_of_an_alarm() -> None:
    old = alarms().by_name["old"]

    assert (old.description, old.tells) == ("too old", ("arn:aws:sns:eu-west-1:1:a",))
    assert (alarms() + alarms()).metric == alarms().metric * 2


def test_what_a_reference_stands_for_is_known_or_told() -> None:
    with pytest.raises(WorkerlessError, match=r"cannot tell what .*Fn::Sub"):
        Names(resources={}).text({"Fn::Sub": "x"})


def test_an_expression_that_gives_no_series_is_refused() -> None:
    body = template()
    body["Resources"]["Failing"]["Properties"]["Metrics"][-1]["Expression"] = "1 + 1"

    with pytest.raises(ExpressionError, match="alarm failing: ratio must be one series"):
        list(history(read(body), {}, [60]))


@pytest.mark.parametrize(
    ("rule", "rings"),
    [
        ("ALARM(a) AND NOT ALARM('b')", True),
        ('OK("b") AND (ALARM(b) OR INSUFFICIENT_DATA(c))', True),
        ("NOT (ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:a))", False),
        ("FALSE OR TRUE AND FALSE", False),
        ("ALARM(b) OR ALARM(a)", True),
        ("ALARM(a) AND ALARM(b)", False),
    ],
)
def test_a_composite_follows_its_rule(rule: str, *, rings: bool) -> None:
    states = {"a": State.ALARM, "b": State.OK, "c": State.INSUFFICIENT_DATA}

    told = Composite(name="x", rule=rule).evaluate(states)

    assert told is (State.ALARM if rings else State.OK)


def test_a_composite_names_what_it_asks_for() -> None:
    assert Composite(name="x", rule="ALARM(a) AND NOT OK(b)").names == ("a", "b")


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("ALARM(d)", "asks for 'd', and there is no such alarm"),
        ("ALARM(a) AND", "ends where an alarm is wanted"),
        ("(ALARM(a) OR ALARM(a)", "bracket is not closed"),
        ("ALARM(a))", "cannot be read to its end"),
        ("ALARM(a) ALARM(a)", "cannot be read to its end"),
        ("RINGS(a)", "cannot be read on from"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, why: str) -> None:
    with pytest.raises(WorkerlessError, match=why):
        Composite(name="x", rule=rule).evaluate({"a": State.ALARM})
