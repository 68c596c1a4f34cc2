"""What all functions have alike that are of a stage and of no job type."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Function, ILayerVersion, RecursiveLoop, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.alarms import function_rows
from infra.alarms.system_alarms import SystemAlarms, of_function
from infra.artifact import Artifact
from infra.constructs.each_minute import EachMinute
from infra.constructs.every_job_type import bucket_of
from infra.constructs.live import VERSIONS, add_live, count_layers
from infra.constructs.runtime import ARCHITECTURES, asset_code
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.environment import SweeperEnvironment

_PERIOD = Duration.minutes(1)


class SystemFunction(Construct):
    """Function, its alias ``live``, role and log group.

    ``title`` names it to people, ``folder`` is below functions/.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        name: str,
        title: str,
        folder: str,
        description: str,
        layer: ILayerVersion,
        code: Artifact,
        timeout: Duration,
        variables: Mapping[str, str] | None = None,
        recursive_loop: RecursiveLoop | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        count_layers(self)
        self._name = name
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
            description=f"{title}, stage {stage.name}",
        )
        self.allow(
            "Log", ("logs:CreateLogStream", "logs:PutLogEvents"), self.log_group.log_group_arn
        )
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description=description,
            runtime=Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[stage.architecture],
            handler=f"functions.{folder}.handler.handler",
            code=asset_code(code),
            layers=[layer],
            role=self.role,
            timeout=timeout,
            # Most of a CPU: some hundred jobs a second.
            memory_size=1_024,
            environment={
                **SweeperEnvironment(
                    stage=stage.name,
                    table=naming.table(stage.name),
                    bucket=bucket_of(stage, Stack.of(self)),
                ).render(),
                **(variables or {}),
            },
            log_group=self.log_group,
            recursive_loop=recursive_loop,
            current_version_options=VERSIONS,
        )
        self.live = add_live(self, self.function)
        SystemAlarms(
            self,
            "Alarms",
            stage=stage,
            prefix=name,
            title=title,
            rows=[function_rows.crashes("function")],
            places={"function": of_function(self.function)},
        )

    def call_each_minute(self) -> None:
        """A missed call is made up for by the next: an old one is worth nothing."""
        self.live.configure_async_invoke(retry_attempts=0, max_event_age=_PERIOD)
        EachMinute(self, "EachMinute", name=self._name, function_arn=self.live.function_arn)

    def allow(
        self,
        sid: str,
        actions: tuple[str, ...],
        *resources: str,
        conditions: Mapping[str, Mapping[str, list[str]]] | None = None,
    ) -> None:
        """Let it do ``actions`` on ``resources``."""
        self.role.add_to_policy(
            PolicyStatement(
                sid=sid,
                actions=list(actions),
                resources=list(resources),
                conditions=conditions,
            )
        )
