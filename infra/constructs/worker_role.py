"""What one worker function may do: its queue, its records, its log, and what its job type says."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.placeholders import fill
from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType
from workerless.tracking import Tracking

_CONSUME = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
)
_RECORDS = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")


class WorkerRole(Construct):
    """A role for one function. Exact ARNs; whatever else is needed, the job type declares."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        queues: JobQueue,
        log_group: ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        self.role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            description=f"Worker of job type {job_type.name}, stage {stage.name}",
        )
        queue, dead_letters = queues.queue.queue_arn, queues.dead_letters.queue_arn
        self._allow("Consume", _CONSUME, queue)
        # A message close to its fuse is replaced by a fresh one; failed jobs go to the other.
        self._allow("Send", ("sqs:SendMessage",), queue, dead_letters)
        if job_type.tracking is not Tracking.OFF:
            self._allow("Records", _RECORDS, table)
        self._allow("Log", _LOG, log_group.log_group_arn)
        for number, allow in enumerate(job_type.permissions, start=1):
            resources = [fill(one, stage=stage, stack=stack) for one in allow.resources]
            self._allow(f"Declared{number}", allow.actions, *resources)

    def _allow(self, sid: str, actions: tuple[str, ...], *resources: str) -> None:
        self.role.add_to_policy(
            PolicyStatement(sid=sid, actions=list(actions), resources=list(resources))
        )
