"""What one worker function may do: its queue, its records, its files, its log, and what it says."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.lane import queue_names
from infra.placeholders import fill
from infra.settings import Stage
from workerless import naming
from workerless.data_ref import error_prefix, payload_prefix, result_prefix
from workerless.flow.dependency import breaker_key
from workerless.flow.settings import STAGE, settings_key
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
    # The same two in batches.
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
)
# Keeping a payload longer is another tag, and one that is kept longer already stays so.
_FETCH = ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging")
_FILE = ("s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging")
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
        group: Sequence[JobType[Any, Any]],
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
        own = [queue.queue_arn for queue in queues.by_lane.values()]
        self._allow("Consume", _CONSUME, *own)
        # A message close to its fuse is replaced by a fresh one; failed jobs go to the other.
        self._allow("Send", ("sqs:SendMessage",), *own, queues.dead_letters.queue_arn)
        if job_type.tracking is not Tracking.OFF:
            self._allow("Records", _RECORDS, table)
            self._allow_reading(table)
            self._allow_settings(table, job_type)
        if job_type.is_keyed:
            self._allow_permits(table)
        if group:
            woken = [name for one in group for name in queue_names(one, stage)]
            arns = [stack.format_arn(service="sqs", resource=name) for name in woken]
            self._allow("Wake", ("sqs:SendMessage",), *arns)
        self._allow_files(f"arn:{stack.partition}:s3:::{_bucket(stage, stack)}", job_type.name)
        self._allow("Log", _LOG, log_group.log_group_arn)
        for number, allow in enumerate(job_type.permissions, start=1):
            resources = [fill(one, stage=stage, stack=stack) for one in allow.resources]
            self._allow(f"Declared{number}", allow.actions, *resources)

    def _allow_reading(self, table: str) -> None:
        """Whether somebody has called a job off, or replaced its payload since it was sent."""
        self.role.add_to_policy(
            PolicyStatement(
                sid="Reading",
                actions=["dynamodb:BatchGetItem"],
                resources=[table],
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["JOB#*"]}},
            )
        )

    def _allow_permits(self, table: str) -> None:
        """Who waits under a concurrency key; permits themselves are only ever updated."""
        self.role.add_to_policy(
            PolicyStatement(
                sid="Permits",
                actions=["dynamodb:Query", "dynamodb:DeleteItem"],
                resources=[table],
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SEMAPHORE#*"]}},
            )
        )

    def _allow_settings(self, table: str, job_type: JobType[Any, Any]) -> None:
        """What holds its jobs back, as people changed it, its own and the stage's; its breakers."""
        keys = [settings_key(job_type.name), settings_key(STAGE)]
        keys += [breaker_key(one.name) for one in job_type.needs]
        self.role.add_to_policy(
            PolicyStatement(
                sid="Settings",
                actions=["dynamodb:BatchGetItem"],
                resources=[table],
                conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys}},
            )
        )

    def _allow_files(self, bucket: str, job_type: str) -> None:
        self._allow("Fetch", _FETCH, f"{bucket}/{payload_prefix(job_type)}*")
        self._allow(
            "File",
            _FILE,
            f"{bucket}/{result_prefix(job_type)}*",
            f"{bucket}/{error_prefix(job_type)}*",
        )
        # Without it S3 does not tell a payload that is gone from one that is not ours to read.
        self.role.add_to_policy(
            PolicyStatement(
                sid="Missing",
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": f"{payload_prefix(job_type)}*"}},
            )
        )

    def _allow(self, sid: str, actions: tuple[str, ...], *resources: str) -> None:
        self.role.add_to_policy(
            PolicyStatement(sid=sid, actions=list(actions), resources=list(resources))
        )


def _bucket(stage: Stage, stack: Stack) -> str:
    return naming.bucket(stage.name, stack.account, stack.region)
