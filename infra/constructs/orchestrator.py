"""What moves batches and workflows on: a queue of orders, and the function that obeys them."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import (
    EventSourceMapping,
    ILayerVersion,
    MetricsConfig,
    MetricType,
    RecursiveLoop,
)
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.every_job_type import bucket_of
from infra.constructs.live import call_by_arn
from infra.constructs.system_function import SystemFunction
from infra.constructs.system_queue import SystemQueue
from infra.settings import Stage
from workerless import naming
from workerless.environment import OrchestratorEnvironment

_TIMEOUT = Duration.seconds(60)
# AWS advises six times the function's timeout.
_VISIBILITY = Duration.seconds(360)


class Orchestrator(SystemFunction):
    """An order that is obeyed twice changes nothing; one that is lost the sweeper sends again."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: ILayerVersion,
        code: Artifact,
    ) -> None:
        queue = naming.workflows_queue(stage.name)
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            name=naming.orchestrator(stage.name),
            title="Orchestrator",
            folder="orchestrator",
            description="Moves batches and workflows on",
            layer=layer,
            code=code,
            timeout=_TIMEOUT,
            # It sends itself what it has no time for.
            recursive_loop=RecursiveLoop.ALLOW,
        )
        stack = Stack.of(self)
        self.queues = SystemQueue(self, "Queues", name=queue, stage=stage, visibility=_VISIBILITY)
        here = OrchestratorEnvironment(
            stage=stage.name,
            table=naming.table(stage.name),
            bucket=bucket_of(stage, stack),
            queue_url=self.queues.queue.queue_url,
        )
        for name, value in here.render().items():
            self.function.add_environment(name, value)
        self._grant(stage)
        self._grant_files(f"arn:{stack.partition}:s3:::{bucket_of(stage, stack)}")
        self.mapping = EventSourceMapping(
            self,
            "Mapping",
            target=self.live,
            event_source_arn=self.queues.queue.queue_arn,
            batch_size=10,
            max_concurrency=20,
            report_batch_item_failures=True,
            metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
        )
        call_by_arn(self.mapping, self.live)
        self.mapping.node.add_dependency(self.role)

    def _grant(self, stage: Stage) -> None:
        stack = Stack.of(self)
        self.allow(
            "Orders",
            (
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:SendMessage",
            ),
            self.queues.queue.queue_arn,
        )
        self.allow(
            "Send",
            ("sqs:SendMessage",),
            stack.format_arn(service="sqs", resource=naming.resource(stage.name, "*")),
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
        path = naming.job_type_parameters(stage.name).removeprefix("/")
        parameters = stack.format_arn(service="ssm", resource="parameter", resource_name=path)
        self.allow("Find", ("ssm:GetParameter",), f"{parameters}/*")
        self.allow("FindAll", ("ssm:GetParametersByPath",), parameters)

    def _grant_files(self, bucket: str) -> None:
        """Payloads that are too big for a message are made of results that are."""
        self.allow(
            "Payloads",
            ("s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging"),
            f"{bucket}/payloads/*",
        )
        self.allow("Results", ("s3:GetObject",), f"{bucket}/results/*")
        # Without it S3 does not tell a result that is gone from one that is not ours.
        self.role.add_to_policy(
            PolicyStatement(
                sid="Missing",
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": "results/*"}},
            )
        )
