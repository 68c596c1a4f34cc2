"""What one worker function may do: its queue, its records, its files, its log, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.constructs.children import allow_children
from infra.constructs.job_queue import JobQueue
from infra.constructs.rights import RECORDS, WRITE_FILES, Rights, Where
from infra.lane import queue_names
from infra.placeholders import fill
from infra.settings import Stage
from infra.sharing import children_of
from workerless import naming
from workerless.data_ref import error_prefix, payload_prefix, result_prefix
from workerless.flow.concurrency import counted_with
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
# Keeping a payload longer is another tag, and one that is kept longer already stays so.
_FETCH = ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging")
_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")


_MAX_TEXT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Other job types to whose queues the workers of one send.

    ``counted`` are those that a concurrency key counts together with it, ``children`` those for
    which its handlers enqueue.
    """

    counted: Sequence[JobType[Any, Any]]
    children: Sequence[JobType[Any, Any]]

    @classmethod
    def of(cls, job_type: JobType[Any, Any], among: Sequence[JobType[Any, Any]]) -> "Others":
        """Raises ``DeclarationError`` for a child that is not there."""
        return cls(counted=counted_with(job_type, among), children=children_of(job_type, among))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A job type and the ARNs of its queues, ``queues`` those of its lanes."""

    job_type: JobType[Any, Any]
    queues: Sequence[str]
    dead_letters: str
    others: Others

    @classmethod
    def of(
        cls,
        job_type: JobType[Any, Any],
        queues: JobQueue,
        *,
        others: Others,
    ) -> "Reach":
        """Where the queues are of the same stack."""
        return cls(
            job_type=job_type,
            queues=[queue.queue_arn for queue in queues.by_lane.values()],
            dead_letters=queues.dead_letters.queue_arn,
            others=others,
        )

    @classmethod
    def by_name(
        cls,
        job_type: JobType[Any, Any],
        stage: Stage,
        stack: Stack,
        *,
        others: Others,
    ) -> "Reach":
        """The same where they are another stack's."""
        dead = naming.dead_letter_queue(stage.name, job_type.name)
        return cls(
            job_type=job_type,
            queues=_arns(queue_names(job_type, stage), stack),
            dead_letters=stack.format_arn(service="sqs", resource=dead),
            others=others,
        )


class WorkerRole(Construct):
    """A role for one function. Exact ARNs; whatever else is needed, the job types declare.

    ``reach`` has the queues of each job type that the function runs: mostly one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        reach: Sequence[Reach],
        stage: Stage,
        log_group: ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        names = [one.job_type.name for one in reach]
        kind = "job type" if len(names) == 1 else "job types"
        self.role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            description=f"Worker of {kind} {', '.join(names)}, stage {stage.name}"[:_MAX_TEXT],
        )
        self._rights = Rights()
        for one in reach:
            self._allow_job_type(one)
        self._allow("Log", _LOG, log_group.log_group_arn)
        declared = [allow for one in reach for allow in one.job_type.permissions]
        for number, allow in enumerate(declared, start=1):
            resources = [self._fill(one) for one in allow.resources]
            where = {
                operator: {key: [self._fill(one) for one in values] for key, values in keys.items()}
                for operator, keys in allow.conditions.items()
            }
            self._allow(f"Declared{number}", allow.actions, *resources, where=where)
        for statement in self._rights.statements():
            self.role.add_to_policy(statement)

    def _fill(self, template: str) -> str:
        return fill(template, stage=self._stage, stack=Stack.of(self))

    def _allow_job_type(self, reach: Reach) -> None:
        job_type, stage, stack = reach.job_type, self._stage, Stack.of(self)
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        self._allow("Consume", _CONSUME, *reach.queues)
        # A message close to its fuse is replaced by a fresh one; failed jobs go to the other.
        self._allow("Send", ("sqs:SendMessage",), *reach.queues, reach.dead_letters)
        if job_type.tracking is not Tracking.OFF:
            self._allow("Records", RECORDS, table)
            self._allow_reading(table)
            self._allow_settings(table, job_type)
        if job_type.tracking is Tracking.FULL and job_type.unique is None:
            # A member of a batch or workflow has ended.
            orders = _arns([naming.workflows_queue(stage.name)], stack)
            self._allow("Orders", ("sqs:SendMessage",), *orders)
        if job_type.is_keyed:
            self._allow_permits(table)
        if reach.others.counted:
            woken = [name for one in reach.others.counted for name in queue_names(one, stage)]
            self._allow("Wake", ("sqs:SendMessage",), *_arns(woken, stack))
        bucket = f"arn:{stack.partition}:s3:::{_bucket(stage, stack)}"
        self._allow_files(bucket, job_type.name)
        if reach.others.children:
            allow_children(self._rights, reach.others.children, stage, stack)

    def _allow_reading(self, table: str) -> None:
        """Whether somebody has called a job off, or replaced its payload since it was sent."""
        where = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["JOB#*"]}}
        self._allow("Reading", ("dynamodb:BatchGetItem",), table, where=where)

    def _allow_permits(self, table: str) -> None:
        """Who waits under a concurrency key; permits themselves are only ever updated."""
        where = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SEMAPHORE#*"]}}
        self._allow("Permits", ("dynamodb:Query", "dynamodb:DeleteItem"), table, where=where)

    def _allow_settings(self, table: str, job_type: JobType[Any, Any]) -> None:
        """What holds its jobs back, as people changed it, its own and the stage's; its breakers."""
        keys = [settings_key(job_type.name), settings_key(STAGE)]
        keys += [breaker_key(one.name) for one in job_type.needs]
        where = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys}}
        self._allow("Settings", ("dynamodb:BatchGetItem",), table, where=where)

    def _allow_files(self, bucket: str, job_type: str) -> None:
        self._allow("Fetch", _FETCH, f"{bucket}/{payload_prefix(job_type)}*")
        self._allow(
            "File",
            WRITE_FILES,
            f"{bucket}/{result_prefix(job_type)}*",
            f"{bucket}/{error_prefix(job_type)}*",
        )
        # Without it S3 does not tell a payload that is gone from one that is not ours to read.
        where = {"StringLike": {"s3:prefix": [f"{payload_prefix(job_type)}*"]}}
        self._allow("Missing", ("s3:ListBucket",), bucket, where=where)

    def _allow(
        self, name: str, actions: tuple[str, ...], *resources: str, where: Where | None = None
    ) -> None:
        self._rights.allow(name, actions, *resources, where=where)


def _bucket(stage: Stage, stack: Stack) -> str:
    return naming.bucket(stage.name, stack.account, stack.region)


def _arns(queues: Sequence[str], stack: Stack) -> list[str]:
    return [stack.format_arn(service="sqs", resource=name) for name in queues]
