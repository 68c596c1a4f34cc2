"""The function that runs the jobs of one type, and the mappings that bring them to it."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Size, Stack
from aws_cdk.aws_lambda import (
    EventSourceMapping,
    Function,
    MetricsConfig,
    MetricType,
    RecursiveLoop,
    Runtime,
)
from aws_cdk.aws_logs import LogGroup
from aws_cdk.aws_sqs import Queue
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.job_queue import JobQueue
from infra.constructs.runtime import ARCHITECTURES, asset_code, library
from infra.constructs.worker_role import WorkerRole
from infra.duration import seconds
from infra.lane import Lane
from infra.placeholders import fill_all
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.discovery import Found
from workerless.environment import WorkerEnvironment
from workerless.job_type import JobType

_MAX_DESCRIPTION = 256


class WorkerFunction(Construct):
    """Function, role, log group, layer and event source mappings of one job type, by lane."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        found: Found,
        stage: Stage,
        queues: JobQueue,
        layer: Artifact,
        code: Artifact,
        group: Sequence[JobType[Any, Any]],
    ) -> None:
        super().__init__(scope, construct_id)
        job_type = found.job_type
        name = naming.resource(stage.name, job_type.name)
        self.log_group = LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{name}",
            retention=stage.log_retention,
            removal_policy=removal_policy(stage),
        )
        self.role = WorkerRole(
            self,
            "Access",
            job_type=job_type,
            stage=stage,
            queues=queues,
            log_group=self.log_group,
            group=group,
        ).role
        architecture = ARCHITECTURES[stage.architecture]
        self.layer = library(self, "Library", stage=stage, code=layer)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description=f"{job_type.name}: {job_type.description}"[:_MAX_DESCRIPTION],
            runtime=Runtime.PYTHON_3_13,
            architecture=architecture,
            handler=f"functions.{found.folder}.handler.handler",
            code=asset_code(code),
            layers=[self.layer],
            role=self.role,
            timeout=seconds(job_type.function_timeout),
            memory_size=job_type.memory_mb,
            ephemeral_storage_size=Size.mebibytes(job_type.ephemeral_storage_mb),
            environment=_environment(job_type, stage, queues, Stack.of(self)),
            log_group=self.log_group,
            # A fresh message in its own queue (see WorkerRole) is a loop to Lambda, which stops
            # loops after some 16 turns.
            # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
            recursive_loop=RecursiveLoop.ALLOW,
        )
        self.mappings = {
            lane: self._mapping(lane, queue, job_type) for lane, queue in queues.by_lane.items()
        }

    def _mapping(self, lane: Lane, queue: Queue, job_type: JobType[Any, Any]) -> EventSourceMapping:
        # MaximumConcurrency, not reserved concurrency: the mapping waits instead of being
        # throttled, and a throttled invocation burns a receive.
        return EventSourceMapping(
            self,
            f"Mapping{lane.suffix}",
            target=self.function,
            event_source_arn=queue.queue_arn,
            batch_size=job_type.batch_size,
            max_batching_window=seconds(job_type.batching_window),
            max_concurrency=lane.concurrency,
            report_batch_item_failures=True,
            metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
        )


def _environment(
    job_type: JobType[Any, Any], stage: Stage, queues: JobQueue, stack: Stack
) -> dict[str, str]:
    own = {**job_type.environment, **stage.job_environment.get(job_type.name, {})}
    worker = WorkerEnvironment(
        stage=stage.name,
        table=naming.table(stage.name),
        bucket=naming.bucket(stage.name, stack.account, stack.region),
        queue_url=queues.queue.queue_url,
        dead_letter_url=queues.dead_letters.queue_url,
    )
    return {**fill_all(own, stage=stage, stack=stack), **worker.render()}
