"""Scheduler, alarms, metrics, event source mappings: taken by the local cloud as they come."""

import io
import json
import uuid
import zipfile
from typing import Any

from tests.contract.emulators.difference import Aws, Difference, answer, arn, queue
from workerless.local.process import wait_until

_ROLE = "arn:aws:iam::000000000000:role/nobody"
_CODE = """
import json
def handler(event, context):
    if "Records" in event:
        return json.loads(event["Records"][0]["body"])
    return len(bytes(300_000_000))
"""


def _schedules(**schedule: str) -> Any:
    def ask(aws: Aws) -> str:
        target = {"Arn": arn(aws, queue(aws)), "RoleArn": _ROLE}
        return answer(
            lambda: aws("scheduler").create_schedule(
                Name=f"s-{uuid.uuid4()}",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=target,
                **{"ScheduleExpression": "at(2035-01-01T00:00:00)"} | schedule,
            )
        )

    return ask


def _alarm_of_another(aws: Aws) -> str:
    """The state of an alarm on q=right after a figure for q=wrong."""
    name, metric = f"alarm-{uuid.uuid4()}", f"m-{uuid.uuid4()}"
    aws("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="test",
        MetricName=metric,
        Dimensions=[{"Name": "q", "Value": "right"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    figure = {"MetricName": metric, "Value": 5, "Dimensions": [{"Name": "q", "Value": "wrong"}]}
    aws("cloudwatch").put_metric_data(Namespace="test", MetricData=[figure])
    (alarm,) = aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def _stack_with(kind: str, **properties: Any) -> Any:
    def ask(aws: Aws) -> str:
        name = f"stack-{uuid.uuid4()}"
        body = {"Resources": {"Alarm": {"Type": kind, "Properties": properties}}}
        stacks = aws("cloudformation")
        told = answer(
            lambda: stacks.create_stack(
                StackName=name, TemplateBody=json.dumps(body), OnFailure="DO_NOTHING"
            )
        )
        if told != "accepted":
            return told

        def status() -> str:
            return str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

        wait_until(lambda: not status().endswith("IN_PROGRESS"), seconds=30)
        return status()

    return ask


_EXPRESSION = {
    "AlarmName": "expression",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "Metrics": [
        {"Id": "e", "Expression": "m * 2"},
        {
            "Id": "m",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "test", "MetricName": "m"},
                "Period": 60,
                "Stat": "Sum",
            },
        },
    ],
}


def _metrics_of_queues(aws: Aws) -> str:
    url = queue(aws)
    aws("sqs").send_message(QueueUrl=url, MessageBody="x")
    found = aws("cloudwatch").list_metrics(Namespace="AWS/SQS")["Metrics"]
    return "there" if found else "none"


def _function(aws: Aws) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("it.py", _CODE)
    name = f"f-{uuid.uuid4()}"
    aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="it.handler",
        Role=_ROLE,
        Code={"ZipFile": packed.getvalue()},
        Timeout=10,
        MemorySize=128,
    )
    return name


def _maps(source: str | None = None, *, times: int = 1, **mapping: Any) -> Any:
    def ask(aws: Aws) -> str:
        function = _function(aws)
        queue_arn = source or arn(aws, queue(aws, VisibilityTimeout="1"))

        def create() -> None:
            for _ in range(times):
                aws("lambda").create_event_source_mapping(
                    EventSourceArn=queue_arn, FunctionName=function, Enabled=False, **mapping
                )

        return answer(create)

    return ask


def _batch_responses(aws: Aws) -> str:
    """What is left of messages whose handler answers what is no batch response."""
    answers = [{"batchItemFailures": [{"itemIdentifier": ""}]}, {"failures": []}, "no"]
    function, urls = _function(aws), []
    for said in answers:
        url = queue(aws, VisibilityTimeout="30")
        urls.append(url)
        aws("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(said))
        aws("lambda").create_event_source_mapping(
            EventSourceArn=arn(aws, url),
            FunctionName=function,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def left() -> int:
        found = [
            aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            for url in urls
        ]
        return sum(int(count) for one in found for count in one.values())

    return "success" if wait_until(lambda: left() == 0, seconds=15) else "failure"


def _undelivered(aws: Aws) -> str:
    """What becomes of an event whose queue is not there."""
    kind, dead = f"k-{uuid.uuid4()}", queue(aws)
    aws("events").put_rule(Name=kind, EventPattern=json.dumps({"detail-type": [kind]}))
    target = {"Id": "q", "Arn": _GHOST, "DeadLetterConfig": {"Arn": arn(aws, dead)}}
    aws("events").put_targets(Rule=kind, Targets=[target])
    aws("events").put_events(Entries=[{"Source": "x", "DetailType": kind, "Detail": "{}"}])
    received = aws("sqs").receive_message(QueueUrl=dead, WaitTimeSeconds=1)
    return "kept" if received.get("Messages") else "dropped"


def _memory(aws: Aws) -> str:
    return str(aws("lambda").invoke(FunctionName=_function(aws)).get("FunctionError", "accepted"))


_GHOST = "arn:aws:sqs:us-east-1:000000000000:ghost"
DIFFERENCES = (
    Difference(
        what="schedules in no time zone",
        ask=_schedules(ScheduleExpressionTimezone="Mars/Base"),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="schedules that are none",
        ask=_schedules(ScheduleExpression="every tuesday"),
        local="accepted",
        moto="accepted",
    ),
    Difference(what="events that reach no queue", ask=_undelivered, local="dropped"),
    Difference(what="dimensions of alarms", ask=_alarm_of_another, local="ALARM", moto="OK"),
    Difference(
        what="alarms on expressions, in stacks",
        ask=_stack_with("AWS::CloudWatch::Alarm", **_EXPRESSION),
        local="CREATE_FAILED",
    ),
    Difference(
        what="composite alarms, in stacks",
        ask=_stack_with("AWS::CloudWatch::CompositeAlarm", AlarmName="all", AlarmRule="FALSE"),
        local="ValidationError",
    ),
    Difference(what="metrics of queues", ask=_metrics_of_queues, local="none", moto="none"),
    Difference(what="a mapping of no queue", ask=_maps(_GHOST), local="accepted"),
    Difference(what="a second mapping", ask=_maps(times=2), local="accepted"),
    Difference(what="a large batch without a window", ask=_maps(BatchSize=100), local="accepted"),
    Difference(what="a visibility below the function's timeout", ask=_maps(), local="accepted"),
    Difference(what="a batch response that is none", ask=_batch_responses, local="success"),
    Difference(what="memory of functions", ask=_memory, local="accepted"),
)
