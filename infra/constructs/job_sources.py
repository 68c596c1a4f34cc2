"""What brings the events that a job type declares to its queue."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sns import CfnSubscription
from aws_cdk.aws_sqs import Queue, QueueEncryption
from constructs import Construct

from infra.alarms import system_rows
from infra.alarms.alarm import add_alarm, stage_topic
from infra.alarms.job_alarms import watched_of
from infra.alarms.system_alarms import of_queue
from infra.constructs.job_queue import JobQueue
from infra.event_input import event_input, event_pattern
from infra.placeholders import fill
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import limits, naming
from workerless.job_type import JobType
from workerless.source import FromEventBridge, FromS3, FromSns

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
_MOST_RETRIES, _LONGEST_RETRIES = 185, Duration.days(1)


class JobSources(Construct):
    """Rules and subscriptions, which may send to the default lane's queue, and nobody else may.

    What cannot be delivered there for a day is ``undelivered``: a queue of its own, since it is as
    it was sent, and no message of the job type.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        queues: JobQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._job_type, self._stage, self._queue = job_type, stage, queues.queue
        self.undelivered = Queue(
            self,
            "Undelivered",
            queue_name=naming.undelivered_queue(stage.name, job_type.name),
            retention_period=Duration.days(limits.DEAD_LETTER_RETENTION.days),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
        rules, topics = [], []
        for source in job_type.sources:
            if isinstance(source, FromSns):
                topics.append(self._subscription(source))
            else:
                rules.append(self._rule(source).attr_arn)
        self._allow("Events", "events.amazonaws.com", rules)
        self._allow("Topics", "sns.amazonaws.com", topics)
        self._alarm()

    def _rule(self, source: FromEventBridge | FromS3) -> CfnRule:
        told = event_input(self._job_type, source)
        bus = source.bus if isinstance(source, FromEventBridge) else "default"
        return CfnRule(
            self,
            _construct_id(source.name),
            description=f"{source.name}: events that are jobs of {self._job_type.name}",
            event_bus_name=self._fill(bus),
            event_pattern=event_pattern(source, self._fill),
            state="ENABLED",
            targets=[
                CfnRule.TargetProperty(
                    id="Queue",
                    arn=self._queue.queue_arn,
                    input_transformer=CfnRule.InputTransformerProperty(
                        input_paths_map=told.paths, input_template=told.template
                    ),
                    retry_policy=CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=_LONGEST_RETRIES.to_seconds(),
                        maximum_retry_attempts=_MOST_RETRIES,
                    ),
                    dead_letter_config=CfnRule.DeadLetterConfigProperty(
                        arn=self.undelivered.queue_arn
                    ),
                )
            ],
        )

    def _subscription(self, source: FromSns) -> str:
        """The topic's ARN. Not raw: the id that a message has in its topic is in the envelope."""
        topic = self._fill(source.topic)
        scope = "MessageBody" if source.by_body else "MessageAttributes"
        CfnSubscription(
            self,
            _construct_id(source.name),
            topic_arn=topic,
            protocol="sqs",
            endpoint=self._queue.queue_arn,
            filter_policy=source.filter,
            filter_policy_scope=scope if source.filter else None,
            redrive_policy={"deadLetterTargetArn": self.undelivered.queue_arn},
        )
        return topic

    def _allow(self, sid: str, service: str, senders: Sequence[str]) -> None:
        """Exactly these, whose ARNs name their account: neither promises aws:SourceAccount."""
        if not senders:
            return
        for queue in (self._queue, self.undelivered):
            queue.add_to_resource_policy(
                PolicyStatement(
                    sid=sid,
                    principals=[ServicePrincipal(service)],
                    actions=["sqs:SendMessage"],
                    resources=[queue.queue_arn],
                    conditions={"ArnEquals": {"aws:SourceArn": senders}},
                )
            )

    def _alarm(self) -> None:
        add_alarm(
            self,
            system_rows.undelivered(
                "undelivered", naming.undelivered_queue(self._stage.name, self._job_type.name)
            ),
            watched=watched_of(
                self._job_type, self._stage, {"undelivered": of_queue(self.undelivered)}
            ),
            stage=self._stage,
            tells=stage_topic(self, self._stage),
            construct_id="Alarm",
        )

    def _fill(self, template: str) -> str:
        return fill(template, stage=self._stage, stack=Stack.of(self))


def _construct_id(source: str) -> str:
    return "From" + "".join(word.capitalize() for word in source.split("_"))
