"""Sources of jobs, as their stack has them: what is matched, what is sent, and who may send it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.cloud import BUCKET, QUEUE, Cloud, Properties, Template, target, text

RULE, SUBSCRIPTION = "AWS::Events::Rule", "AWS::SNS::Subscription"
DEFAULT, UNDELIVERED = "workerless-prod-sourced", "workerless-prod--undelivered-sourced"


@pytest.fixture(scope="module")
def cloud(clouds: Callable[[str], Cloud]) -> Cloud:
    return clouds("prod")


@pytest.fixture(scope="module")
def template(cloud: Cloud) -> Template:
    (found,) = (one for one in cloud.templates if one.name.endswith("-job-sourced"))
    return found


@pytest.fixture(scope="module")
def rules(template: Template) -> dict[str, Properties]:
    """By the name of the source."""
    return {one["Description"].partition(":")[0]: one for _, one in template.of(RULE)}


@pytest.fixture(scope="module")
def policies(template: Template) -> dict[str, list[Any]]:
    """The statements that let a service send, by the name of the queue."""
    return {
        template.properties(queue)["QueueName"]: [
            one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"
        ]
        for _, policy in template.of("AWS::SQS::QueuePolicy")
        for queue in policy["Queues"]
    }


def test_rules_match_what_is_declared(rules: dict[str, Properties]) -> None:
    assert rules["orders"]["EventPattern"] == {
        "source": ["shop"],
        "detail-type": ["OrderPlaced"],
    }
    assert rules["orders"]["EventBusName"] == "shop-prod"
    pattern = rules["uploads"]["EventPattern"]
    assert pattern["source"] == ["aws.s3"]
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"]["object"] == {"key": [{"wildcard": "uploads/*.jpg"}]}
    assert [text(one) for one in pattern["detail"]["bucket"]["name"]] == [
        "workerless-prod-<AWS::AccountId>-<AWS::Region>"
    ]


def test_rules_send_to_the_default_lane_and_keep_what_cannot_be_sent(
    template: Template, rules: dict[str, Properties]
) -> None:
    for rule in rules.values():
        (sent,) = rule["Targets"]
        assert template.properties(sent["Arn"])["QueueName"] == DEFAULT
        dead = sent["DeadLetterConfig"]["Arn"]
        assert template.properties(dead)["QueueName"] == UNDELIVERED
        assert sent["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400


def test_topic_sends_what_its_filter_lets_through(template: Template) -> None:
    ((_, subscription),) = template.of(SUBSCRIPTION)

    assert text(subscription["TopicArn"]).endswith(":news")
    assert template.properties(subscription["Endpoint"])["QueueName"] == DEFAULT
    assert subscription["FilterPolicy"] == {"kind": ["a"]}
    assert subscription["FilterPolicyScope"] == "MessageAttributes"
    assert "RawMessageDelivery" not in subscription  # the envelope has the id
    dead = subscription["RedrivePolicy"]["deadLetterTargetArn"]
    assert template.properties(dead)["QueueName"] == UNDELIVERED


@pytest.mark.parametrize("queue", [DEFAULT, UNDELIVERED])
def test_nobody_else_may_send(
    queue: str, template: Template, policies: dict[str, list[Any]]
) -> None:
    allowed = {one["Principal"]["Service"]: one for one in policies[queue]}

    assert allowed.keys() == {"events.amazonaws.com", "sns.amazonaws.com"}
    assert all(one["Action"] == "sqs:SendMessage" for one in allowed.values())
    senders = allowed["events.amazonaws.com"]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert {target(one) for one in senders} == {name for name, _ in template.of(RULE)}
    topics = allowed["sns.amazonaws.com"]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert [text(one).rpartition(":")[2] for one in topics] == ["news"]


def test_queues_of_other_job_types_take_nothing_from_events(cloud: Cloud) -> None:
    for template, _, policy in cloud.each("AWS::SQS::QueuePolicy"):
        if not template.name.endswith("-job-sourced"):
            statements = policy["PolicyDocument"]["Statement"]
            assert "events.amazonaws.com" not in str(statements)


def test_events_in_vain_ring(template: Template) -> None:
    alarms = {one["AlarmName"]: one for _, one in template.of("AWS::CloudWatch::Alarm")}

    alarm = alarms["workerless-prod-sourced-undelivered"]

    (dimension,) = alarm["Dimensions"]
    assert template.properties(dimension["Value"])["QueueName"] == UNDELIVERED
    (action,) = alarm["AlarmActions"]
    assert text(action).endswith(":workerless-prod-alarms")


def test_bucket_tells_events_where_a_job_type_hears_them(cloud: Cloud) -> None:
    ((_, _, bucket),) = cloud.each(BUCKET)

    told = bucket["NotificationConfiguration"]["EventBridgeConfiguration"]

    assert told == {"EventBridgeEnabled": True}


def test_undelivered_events_are_kept_for_two_weeks(template: Template) -> None:
    (queue,) = (one for _, one in template.of(QUEUE) if one["QueueName"] == UNDELIVERED)

    assert queue["MessageRetentionPeriod"] == 1_209_600
    assert queue["SqsManagedSseEnabled"]
