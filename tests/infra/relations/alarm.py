"""Relations between what may go wrong and who is told."""

import json
from collections.abc import Iterator

from tests.infra.cloud import ALARM, COMPOSITE, Cloud, Properties, statements, target, text
from tests.infra.relations.queue import dead_letters, sources
from workerless import naming


def dead_letters_alarm_at_once(cloud: Cloud) -> Iterator[str]:
    for template, name, _, _ in dead_letters(cloud):
        alarms = [
            alarm
            for _, alarm in template.of(ALARM)
            if name in {target(one["Value"]) for one in alarm.get("Dimensions", [])}
        ]
        if not any(_tells_of_one_message(alarm) for alarm in alarms):
            yield f"{name}: a dead letter would lie there unseen"


def _tells_of_one_message(alarm: Properties) -> bool:
    # Sent, the obvious metric, counts no message that SQS moved here itself.
    # The sweeper hides letters for ten minutes: fifteen see some of them.
    figures = ("Threshold", "Period", "DatapointsToAlarm", "EvaluationPeriods", "TreatMissingData")
    return (
        alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm["ComparisonOperator"] == "GreaterThanThreshold"
        and [alarm.get(figure) for figure in figures] == [0, 60, 1, 15, "notBreaching"]
    )


def stuck_queues_alarm(cloud: Cloud) -> Iterator[str]:
    for template, name, queue in sources(cloud):
        thresholds = [
            alarm["Threshold"]
            for _, alarm in template.of(ALARM)
            if alarm.get("MetricName") == "ApproximateAgeOfOldestMessage"
            and target(alarm["Dimensions"][0]["Value"]) == name
        ]
        if not thresholds or min(thresholds) < queue.get("VisibilityTimeout", 30):
            yield f"{name}: no age alarm, or one that rings for a single crash"


def alarms_tell_somebody_what_to_do(cloud: Cloud) -> Iterator[str]:
    rules = "".join(text(one["AlarmRule"]) for _, _, one in cloud.each(COMPOSITE))
    for _, name, alarm in cloud.each(ALARM, COMPOSITE):
        topics = [text(action) for action in alarm.get("AlarmActions", [])]
        is_told = any(one.endswith(f":{naming.alarm_topic(cloud.stage.name)}") for one in topics)
        if not (is_told or f'"{alarm.get("AlarmName")}"' in rules):
            yield f"{name}: tells nobody"
        description = text(alarm.get("AlarmDescription", ""))
        if not ("Owner: " in description and "Runbook: " in description):
            yield f"{name}: does not say whose it is and what to do"
        if len(description) > 1_024:
            yield f"{name}: description of {len(description)} characters"


def alarms_may_reach_their_topic(cloud: Cloud) -> Iterator[str]:
    for template, name, _ in cloud.each("AWS::SNS::Topic"):
        allowed = [
            statement
            for _, policy in template.of("AWS::SNS::TopicPolicy")
            if name in map(target, policy["Topics"])
            for statement in statements(policy)
            if statement["Effect"] == "Allow"
            and statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            and "aws:SourceAccount" in json.dumps(statement.get("Condition", {}))
        ]
        if not allowed:
            yield f"{name}: its policy shuts CloudWatch out, or lets any account's in"


def each_job_type_has_a_page(cloud: Cloud) -> Iterator[str]:
    """It opens with what the job type is and whose, and shows what the alarms watch."""
    pages = {
        page["DashboardName"]: text(page["DashboardBody"])
        for _, _, page in cloud.each("AWS::CloudWatch::Dashboard")
    }
    for job_type in cloud.job_types:
        page = pages.get(naming.resource(cloud.stage.name, job_type.name), '{"widgets": []}')
        texts = [widget for widget in json.loads(page)["widgets"] if widget["type"] == "text"]
        shown = (
            job_type.description,
            job_type.owner or "nobody yet",
            job_type.runbook or "docs/runbook.md",
        )
        if not texts or not all(one in texts[0]["properties"]["markdown"] for one in shown):
            yield f"{job_type.name}: no page, or one that does not say what it is about"
        for metric in ("MessagesVisible", "AgeOfOldestMessage", "FailedInvokeEventCount"):
            if metric not in page:
                yield f"{job_type.name}: its page does not show {metric}"


ALARM_RELATIONS = (
    each_job_type_has_a_page,
    dead_letters_alarm_at_once,
    stuck_queues_alarm,
    alarms_tell_somebody_what_to_do,
    alarms_may_reach_their_topic,
)
