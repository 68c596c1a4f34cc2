"""The function behind the HTTP API, and what it may do: as much as an operator, and no more."""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Function, LayerVersion, RecursiveLoop, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.every_job_type import bucket_of, grant_every_job_type, grant_operating
from infra.constructs.runtime import ARCHITECTURES, asset_code
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.environment import SweeperEnvironment

# API Gateway waits for 30 s at most.
_TIMEOUT = Duration.seconds(29)


class ApiFunction(Construct):
    """Function, role, log group and layer."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, layer: Artifact, code: Artifact
    ) -> None:
        super().__init__(scope, construct_id)
        name = naming.api(stage.name)
        self.log_group = LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{name}",
            retention=stage.log_retention,
            removal_policy=removal_policy(stage),
        )
        self.role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            description=f"HTTP API, stage {stage.name}",
        )
        self._grant(stage)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description="The HTTP API: jobs enqueued, followed and operated",
            runtime=Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[stage.architecture],
            handler="functions.api.handler.handler",
            code=asset_code(code),
            layers=[
                LayerVersion(
                    self,
                    "Library",
                    description="workerless, what it needs, and the HTTP framework",
                    code=asset_code(layer),
                    compatible_runtimes=[Runtime.PYTHON_3_13],
                    compatible_architectures=[ARCHITECTURES[stage.architecture]],
                )
            ],
            role=self.role,
            timeout=_TIMEOUT,
            memory_size=1_024,
            environment={
                **SweeperEnvironment(
                    stage=stage.name,
                    table=naming.table(stage.name),
                    bucket=bucket_of(stage, Stack.of(self)),
                ).render(),
                **stage.http.render(),
            },
            log_group=self.log_group,
            # A job may enqueue over HTTP; Lambda would end such a chain after some 16 turns.
            recursive_loop=RecursiveLoop.ALLOW,
        )

    def _grant(self, stage: Stage) -> None:
        """As much as an operator, whom a caller of the API may be, and to read what jobs left."""
        stack = Stack.of(self)
        grant_operating(self.role, stage, stack)
        grant_every_job_type(self.role, stage, stack)
        bucket = stack.format_arn(
            service="s3", region="", account="", resource=bucket_of(stage, stack)
        )
        self._allow("NewPayloads", ("s3:PutObject",), f"{bucket}/payloads/*")
        left = ("results/*", "errors/*")
        self._allow("Read", ("s3:GetObject",), *(f"{bucket}/{prefix}" for prefix in left))
        # Without it S3 does not tell a file that is gone from one that is not ours to read.
        self.role.add_to_policy(
            PolicyStatement(
                sid="Gone",
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": list(left)}},
            )
        )
        operator = stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=naming.operator(stage.name),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self._allow("Kick", ("lambda:InvokeFunction",), operator)
        self._allow(
            "Log", ("logs:CreateLogStream", "logs:PutLogEvents"), self.log_group.log_group_arn
        )
        # Neither of the two knows resources.
        self._allow("Health", ("lambda:ListEventSourceMappings", "cloudwatch:DescribeAlarms"), "*")
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
            self._allow("Parameters", ("ssm:GetParameter",), *in_ssm)
        if elsewhere:
            self._allow("Secrets", ("secretsmanager:GetSecretValue",), *elsewhere)

    def _allow(self, sid: str, actions: tuple[str, ...], *resources: str) -> None:
        self.role.add_to_policy(
            PolicyStatement(sid=sid, actions=list(actions), resources=list(resources))
        )
