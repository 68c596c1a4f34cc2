"""The queue of a function that serves a stage, and that of what it tried in vain."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_sqs import (
    DeadLetterQueue,
    Queue,
    QueueEncryption,
    RedriveAllowPolicy,
    RedrivePermission,
)
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import Stage
from workerless import limits

# A fuse: what fails ten times in an hour is looked at by a person.
_RECEIVES = 10


class SystemQueue(Construct):
    """Encrypted, TLS only; ``name`` with ``-dead`` is that of the ``dead_letters``."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, stage: Stage, visibility: Duration
    ) -> None:
        super().__init__(scope, construct_id)
        source = Stack.of(self).format_arn(service="sqs", resource=name)
        self.dead_letters = Queue(
            self,
            "DeadLetters",
            queue_name=f"{name}-dead",
            retention_period=Duration.days(limits.DEAD_LETTER_RETENTION.days),
            redrive_allow_policy=RedriveAllowPolicy(
                redrive_permission=RedrivePermission.BY_QUEUE,
                source_queues=[Queue.from_queue_arn(self, "Source", source)],
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
        self.queue = Queue(
            self,
            "Queue",
            queue_name=name,
            visibility_timeout=visibility,
            retention_period=Duration.days(limits.QUEUE_RETENTION.days),
            dead_letter_queue=DeadLetterQueue(queue=self.dead_letters, max_receive_count=_RECEIVES),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
