"""The topic that all alarms of a stage speak to."""

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from infra.settings import Stage
from workerless import naming


class AlarmTopic(Construct):
    """TLS only; this stage's alarms may publish, and nobody else without a right of their own."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.topic = Topic(
            self, "Topic", topic_name=naming.alarm_topic(stage.name), enforce_ssl=True
        )
        # The TLS policy replaces the topic's default policy, and with it the right of CloudWatch
        # to publish: without this statement alarms change colour and tell nobody.
        self.topic.add_to_resource_policy(_alarms_may_publish(Stack.of(self), stage, self.topic))
        if stage.alarm_email:
            self.topic.add_subscription(EmailSubscription(stage.alarm_email))


def _alarms_may_publish(stack: Stack, stage: Stage, topic: Topic) -> PolicyStatement:
    alarms = stack.format_arn(service="cloudwatch", resource=f"alarm:{naming.table(stage.name)}-*")
    return PolicyStatement(
        sid="AllowAlarms",
        principals=[ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        conditions={
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": alarms},
        },
    )
