"""The queue of a job type and the queue of its dead letters."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_sqs import (
    DeadLetterQueue,
    Queue,
    QueueEncryption,
    RedriveAllowPolicy,
    RedrivePermission,
)
from constructs import Construct

from infra.duration import seconds
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import limits, naming
from workerless.job_type import JobType


class JobQueue(Construct):
    """Standard queues, encrypted, TLS only; no other queue may use these dead letters."""

    def __init__(
        self, scope: Construct, construct_id: str, *, job_type: JobType[Any, Any], stage: Stage
    ) -> None:
        super().__init__(scope, construct_id)
        name = naming.resource(stage.name, job_type.name)
        self.dead_letters = Queue(
            self,
            "DeadLetters",
            queue_name=naming.dead_letter_queue(stage.name, job_type.name),
            # Longer than the queue's own: a message's age counts from its first queue on.
            retention_period=Duration.days(limits.DEAD_LETTER_RETENTION.days),
            redrive_allow_policy=RedriveAllowPolicy(
                redrive_permission=RedrivePermission.BY_QUEUE,
                # By name: either queue would else have to be there before the other.
                source_queues=[Queue.from_queue_arn(self, "Source", _arn(Stack.of(self), name))],
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
        self.queue = Queue(
            self,
            "Queue",
            queue_name=name,
            visibility_timeout=seconds(job_type.visibility_timeout),
            retention_period=Duration.days(limits.QUEUE_RETENTION.days),
            dead_letter_queue=DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=job_type.max_receive_count
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )


def _arn(stack: Stack, name: str) -> str:
    return stack.format_arn(service="sqs", resource=name)
