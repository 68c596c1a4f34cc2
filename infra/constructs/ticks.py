"""What the schedules of a stage share: a group, the queue of their ticks, and who takes these.

The schedules that job types declare are in their stacks.
"""

from aws_cdk import Duration, Stack
from aws_cdk.aws_lambda import (
    EventSourceMapping,
    ILayerVersion,
    MetricsConfig,
    MetricType,
    RecursiveLoop,
)
from aws_cdk.aws_scheduler import CfnScheduleGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.dynamic_schedules import DynamicSchedules
from infra.constructs.every_job_type import grant_every_job_type
from infra.constructs.live import call_by_arn
from infra.constructs.system_function import SystemFunction
from infra.constructs.system_queue import SystemQueue
from infra.settings import Stage
from workerless import naming

_TIMEOUT = Duration.seconds(60)
# AWS advises six times the function's timeout.
_VISIBILITY = Duration.seconds(360)


class Ticks(SystemFunction):
    """A tick that is taken twice is one job; one that is lost is found missing by the sweeper."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: ILayerVersion,
        code: Artifact,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            name=naming.ticker(stage.name),
            title="Ticker",
            folder="ticker",
            description="Makes ticks of schedules jobs, as their schedules say",
            layer=layer,
            code=code,
            timeout=_TIMEOUT,
            # It sends to queues of the stage, though never to its own.
            recursive_loop=RecursiveLoop.ALLOW,
        )
        self.group = CfnScheduleGroup(self, "Group", name=naming.schedule_group(stage.name))
        self.dynamic = DynamicSchedules(self, "Dynamic", stage=stage)
        # What Scheduler could not send ends among the dead letters, too.
        self.queues = SystemQueue(
            self,
            "Queues",
            name=naming.ticks_queue(stage.name),
            stage=stage,
            visibility=_VISIBILITY,
        )
        self._grant(stage)
        self.mapping = EventSourceMapping(
            self,
            "Mapping",
            target=self.live,
            event_source_arn=self.queues.queue.queue_arn,
            batch_size=10,
            max_concurrency=10,
            report_batch_item_failures=True,
            metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
        )
        call_by_arn(self.mapping, self.live)
        self.mapping.node.add_dependency(self.role)

    def _grant(self, stage: Stage) -> None:
        stack = Stack.of(self)
        self.allow(
            "Ticks",
            ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            self.queues.queue.queue_arn,
        )
        self.allow(
            "Records",
            (
                "dynamodb:BatchGetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                # The same in batches.
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLUpdate",
            ),
            stack.format_arn(
                service="dynamodb", resource="table", resource_name=naming.table(stage.name)
            ),
        )
        grant_every_job_type(self.role, stage, stack)
