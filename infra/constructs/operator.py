"""The operator: a function that drives bulk operations on, each minute and when one is started."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Function, LayerVersion, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.each_minute import EachMinute
from infra.constructs.every_job_type import bucket_of, grant_every_job_type, grant_operating
from infra.constructs.runtime import ARCHITECTURES, asset_code
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.environment import SweeperEnvironment

_PERIOD = Duration.minutes(1)


class Operator(Construct):
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
        name = naming.operator(stage.name)
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
            description=f"Operator, stage {stage.name}",
        )
        self._grant(stage)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description="Drives bulk operations on: retries, discards, archives, cancels many jobs",
            runtime=Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[stage.architecture],
            handler="functions.operator.handler.handler",
            code=asset_code(code),
            layers=[layer],
            role=self.role,
            # It takes up no work in the last twenty seconds; two at once do no harm.
            timeout=Duration.seconds(75),
            # Most of a CPU: some hundred jobs a second.
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
        logs = self.log_group.log_group_arn
        grant_operating(self.role, stage, stack)
        self.role.add_to_policy(
            PolicyStatement(
                sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs]
            )
        )
        grant_every_job_type(self.role, stage, stack)
