"""The function behind the HTTP API, and what it may do: as much as an operator, and no more."""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk.aws_lambda import RecursiveLoop
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.dynamic_schedules import grant_dynamic_schedules
from infra.constructs.every_job_type import (
    bucket_of,
    grant_every_job_type,
    grant_operating,
    grant_switching,
)
from infra.constructs.runtime import library
from infra.constructs.system_function import SystemFunction
from infra.settings import Stage
from workerless import naming

# API Gateway waits for 30 s at most.
_TIMEOUT = Duration.seconds(29)


class ApiFunction(SystemFunction):
    """With a layer of its own: the HTTP framework is no worker's business."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, layer: Artifact, code: Artifact
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            name=naming.api(stage.name),
            title="HTTP API",
            folder="api",
            description="The HTTP API: jobs enqueued, followed and operated",
            layer=library(
                scope,
                "Library",
                stage=stage,
                description="workerless, what it needs, and the HTTP framework",
                code=layer,
            ),
            code=code,
            timeout=_TIMEOUT,
            variables=stage.http.render(),
            # A job may enqueue over HTTP; Lambda would end such a chain after some 16 turns.
            recursive_loop=RecursiveLoop.ALLOW,
        )
        self._grant(stage)

    def _grant(self, stage: Stage) -> None:
        """As much as an operator, whom a caller of the API may be, and to read what jobs left."""
        stack = Stack.of(self)
        grant_operating(self.role, stage, stack)
        grant_every_job_type(self.role, stage, stack)
        grant_switching(self.role, stage, stack)
        grant_dynamic_schedules(self.role, stage, stack)
        bucket = stack.format_arn(
            service="s3", region="", account="", resource=bucket_of(stage, stack)
        )
        self.allow("NewPayloads", ("s3:PutObject",), f"{bucket}/payloads/*")
        left = ("results/*", "errors/*")
        self.allow("Read", ("s3:GetObject",), *(f"{bucket}/{prefix}" for prefix in left))
        # Without it S3 does not tell a file that is gone from one that is not ours to read.
        self.allow(
            "Gone",
            ("s3:ListBucket",),
            bucket,
            conditions={"StringLike": {"s3:prefix": list(left)}},
        )
        operator = stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=f"{naming.operator(stage.name)}:{naming.LIVE}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.allow("Kick", ("lambda:InvokeFunction",), operator)
        self.allow("Health", ("cloudwatch:DescribeAlarms",), "*")  # it knows no resources
        self._grant_secrets(stage, stack)

    def _grant_secrets(self, stage: Stage, stack: Stack) -> None:
        names = sorted({source.signing_key for source in stage.http.webhooks.values()})
        in_ssm = [
            stack.format_arn(service="ssm", resource="parameter", resource_name=name.lstrip("/"))
            for name in names
            if name.startswith("/")
        ]
        elsewhere = [name for name in names if not name.startswith("/")]
        if in_ssm:
            self.allow("Parameters", ("ssm:GetParameter",), *in_ssm)
        if elsewhere:
            self.allow("Secrets", ("secretsmanager:GetSecretValue",), *elsewhere)
