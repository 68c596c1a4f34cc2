"""The sweeper: a function that EventBridge Scheduler calls each minute."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Function, LayerVersion, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.each_minute import EachMinute
from infra.constructs.runtime import ARCHITECTURES, asset_code
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.environment import SweeperEnvironment

_PERIOD = Duration.minutes(1)


class Sweeper(Construct):
    """Function, role, log group, layer and schedule. A missed call is made up for by the next."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, layer: Artifact, code: Artifact
    ) -> None:
        super().__init__(scope, construct_id)
        name = naming.sweeper(stage.name)
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
            description=f"Sweeper, stage {stage.name}",
        )
        self._grant(stage)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description="Sends parked jobs in time, again what was lost; tends dead letters",
            runtime=Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[stage.architecture],
            handler="functions.sweeper.handler.handler",
            code=asset_code(code),
            layers=[
                LayerVersion(
                    self,
                    "Library",
                    description="workerless and what it needs",
                    code=asset_code(layer),
                    compatible_runtimes=[Runtime.PYTHON_3_13],
                    compatible_architectures=[ARCHITECTURES[stage.architecture]],
                )
            ],
            role=self.role,
            # One sweep ends before the next but one begins; two at once do no harm.
            timeout=Duration.seconds(90),
            # Most of a CPU: 100,000 jobs due in one minute are half a minute of it.
            memory_size=1_024,
            environment=SweeperEnvironment(
                stage=stage.name, table=naming.table(stage.name), bucket=self._bucket(stage)
            ).render(),
            log_group=self.log_group,
            # An old call is worth nothing: what it would have done the next one does.
            retry_attempts=0,
            max_event_age=_PERIOD,
        )
        self.schedule = EachMinute(
            self, "EachMinute", name=name, function_arn=self.function.function_arn
        )

    def _bucket(self, stage: Stage) -> str:
        stack = Stack.of(self)
        return naming.bucket(stage.name, stack.account, stack.region)

    def _grant(self, stage: Stage) -> None:
        stack = Stack.of(self)
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        queues = stack.format_arn(service="sqs", resource=naming.resource(stage.name, "*"))
        dead = stack.format_arn(service="sqs", resource=naming.dead_letter_queue(stage.name, "*"))
        bucket = stack.format_arn(service="s3", region="", account="", resource=self._bucket(stage))
        path = naming.job_type_parameters(stage.name).removeprefix("/")
        parameters = stack.format_arn(service="ssm", resource="parameter", resource_name=path)
        logs = self.log_group.log_group_arn
        for sid, actions, resources in (
            ("Due", ["dynamodb:Query"], [f"{table}/index/due"]),
            (
                "Records",
                ["dynamodb:BatchGetItem", "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem"],
                [table],
            ),
            ("Send", ["sqs:SendMessage", "sqs:GetQueueAttributes"], [queues]),
            (
                "DeadLetters",
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
                [dead],
            ),
            (
                "Archive",
                ["s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging"],
                [f"{bucket}/{naming.ARCHIVE}/*"],
            ),
            # Keeping a payload as long as its letter is another tag.
            (
                "Payloads",
                ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"],
                [f"{bucket}/payloads/*"],
            ),
            ("Find", ["ssm:GetParameter"], [f"{parameters}/*"]),
            ("FindAll", ["ssm:GetParametersByPath"], [parameters]),
            ("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
        ):
            self.role.add_to_policy(PolicyStatement(sid=sid, actions=actions, resources=resources))
        # Without it S3 does not tell a payload that is gone from one that is not ours to keep.
        self.role.add_to_policy(
            PolicyStatement(
                sid="Missing",
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": "payloads/*"}},
            )
        )
