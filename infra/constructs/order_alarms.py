"""Who is told when batches and workflows do not go on."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_cloudwatch import Stats
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import Topic
from constructs import Construct

from infra.constructs.system_alarm import system_alarm
from infra.constructs.system_queue import SystemQueue
from infra.settings import Stage
from workerless import naming

_MINUTE = Duration.minutes(1)


class OrderAlarms(Construct):
    """Both speak to the stage's topic."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, queues: SystemQueue
    ) -> None:
        super().__init__(scope, construct_id)
        topic = Stack.of(self).format_arn(service="sns", resource=naming.alarm_topic(stage.name))
        action = SnsAction(Topic.from_topic_arn(self, "Topic", topic))
        prefix = naming.workflows_queue(stage.name)
        dead = queues.dead_letters.metric_approximate_number_of_messages_visible(
            period=_MINUTE, statistic=Stats.MAXIMUM
        )
        age = queues.queue.metric_approximate_age_of_oldest_message(
            period=_MINUTE, statistic=Stats.MAXIMUM
        )
        for construct_id_of, name, metric, threshold, meaning in (
            ("DeadLetters", "dead-letters", dead, 0, "orders could not be obeyed, and wait dead"),
            ("OldestAge", "oldest-age", age, 900, "orders wait for more than 15 minutes"),
        ):
            system_alarm(
                self,
                construct_id_of,
                name=f"{prefix}-{name}",
                metric=metric,
                threshold=threshold,
                meaning=f"Workflows: {meaning}",
                runbook="docs/workflows.md#when-it-fails",
                action=action,
            )
