"""The queues of a job type, one for each lane, and the queue of their dead letters."""

from datetime import timedelta
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_sqs import (
    DeadLetterQueue,
    IQueue,
    Queue,
    QueueEncryption,
    RedriveAllowPolicy,
    RedrivePermission,
)
from constructs import Construct

from infra.duration import seconds
from infra.lane import Lane, lanes_of
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import limits, naming
from workerless.job_type import JobType


class JobQueue(Construct):
    """Standard queues, encrypted, TLS only; no other queue may use these dead letters.

    ``by_lane`` are the queues by lane, in their order; ``queue`` is the default lane's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        visibility: timedelta,
    ) -> None:
        super().__init__(scope, construct_id)
        lanes = lanes_of(job_type, stage)
        self.dead_letters = Queue(
            self,
            "DeadLetters",
            queue_name=naming.dead_letter_queue(stage.name, job_type.name),
            # Longer than the queue's own: a message's age counts from its first queue on.
            retention_period=Duration.days(limits.DEAD_LETTER_RETENTION.days),
            redrive_allow_policy=RedriveAllowPolicy(
                redrive_permission=RedrivePermission.BY_QUEUE,
                # By name: either queue would else have to be there before the other.
                source_queues=[self._source(lane) for lane in lanes],
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
        self.by_lane = {lane: self._queue(lane, job_type, stage, visibility) for lane in lanes}
        self.queue = next(queue for lane, queue in self.by_lane.items() if lane.is_default)

    def _source(self, lane: Lane) -> IQueue:
        arn = Stack.of(self).format_arn(service="sqs", resource=lane.queue_name)
        return Queue.from_queue_arn(self, f"Source{lane.suffix}", arn)

    def _queue(
        self, lane: Lane, job_type: JobType[Any, Any], stage: Stage, visibility: timedelta
    ) -> Queue:
        return Queue(
            self,
            f"Queue{lane.suffix}",
            queue_name=lane.queue_name,
            visibility_timeout=seconds(visibility),
            retention_period=Duration.days(limits.QUEUE_RETENTION.days),
            dead_letter_queue=DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=job_type.max_receive_count
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
