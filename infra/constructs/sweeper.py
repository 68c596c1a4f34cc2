"""The sweeper: a function that EventBridge Scheduler calls each minute."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Function, LayerVersion, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.each_minute import EachMinute
from infra.constructs.every_job_type import bucket_of, grant_every_job_type
from infra.constructs.runtime import ARCHITECTURES, asset_code
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.environment import SweeperEnvironment

_PERIOD = Duration.minutes(1)


class Sweeper(Construct):
    """Function, role, log group and schedule. A missed call is made up for by the next."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: LayerVersion,
        code: Artifact,
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
            layers=[layer],
            role=self.role,
            # One sweep ends before the next but one begins; two at once do no harm.
            timeout=Duration.seconds(90),
            # Most of a CPU: 100,000 jobs due in one minute are half a minute of it.
            memory_size=1_024,
            environment=SweeperEnvironment(
                stage=stage.name,
                table=naming.table(stage.name),
                bucket=bucket_of(stage, Stack.of(self)),
            ).render(),
            log_group=self.log_group,
            # An old call is worth nothing: what it would have done the next one does.
            retry_attempts=0,
            max_event_age=_PERIOD,
        )
        self.schedule = EachMinute(
            self, "EachMinute", name=name, function_arn=self.function.function_arn
        )

    def _grant(self, stage: Stage) -> None:
        stack = Stack.of(self)
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        logs = self.log_group.log_group_arn
        for sid, actions, resources in (
            ("Due", ["dynamodb:Query"], [f"{table}/index/due"]),
            (
                "Records",
                [
                    "dynamodb:BatchGetItem",
                    "dynamodb:UpdateItem",
                    # What is filed is new, and so is whatever its body or search keys need.
                    "dynamodb:PutItem",
                    # The same in batches.
                    "dynamodb:PartiQLUpdate",
                    "dynamodb:PartiQLInsert",
                ],
                [table],
            ),
            ("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
        ):
            self.role.add_to_policy(PolicyStatement(sid=sid, actions=actions, resources=resources))
        grant_every_job_type(self.role, stage, stack)
