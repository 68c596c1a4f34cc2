"""The sweeper: a function that EventBridge Scheduler calls each minute."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_lambda import ILayerVersion
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.dynamic_schedules import grant_dynamic_schedules
from infra.constructs.every_job_type import grant_every_job_type
from infra.constructs.system_function import SystemFunction
from infra.settings import Stage
from workerless import naming


class Sweeper(SystemFunction):
    """A missed call is made up for by the next."""

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
            name=naming.sweeper(stage.name),
            title="Sweeper",
            folder="sweeper",
            description="Sends parked jobs in time, again what was lost; tends dead letters",
            layer=layer,
            code=code,
            # One sweep ends before the next but one begins; two at once do no harm.
            timeout=Duration.seconds(90),
        )
        self._grant(stage)
        self.call_each_minute()

    def _grant(self, stage: Stage) -> None:
        stack = Stack.of(self)
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        self.allow("Due", ("dynamodb:Query",), f"{table}/index/due")
        self.allow(
            "Records",
            (
                "dynamodb:BatchGetItem",
                "dynamodb:UpdateItem",
                # What is filed is new, and so is whatever its body or search keys need.
                "dynamodb:PutItem",
                # A schedule that nobody declares any more.
                "dynamodb:DeleteItem",
                # The same in batches.
                "dynamodb:PartiQLUpdate",
                "dynamodb:PartiQLInsert",
            ),
            table,
        )
        self.allow(
            "Schedules",
            ("ssm:GetParametersByPath",),
            stack.format_arn(
                service="ssm",
                resource="parameter",
                resource_name=naming.schedule_parameters(stage.name).removeprefix("/"),
            ),
        )
        self.allow(
            "Stage",
            ("ssm:GetParameter",),
            stack.format_arn(
                service="ssm",
                resource="parameter",
                resource_name=naming.core_parameter(stage.name).removeprefix("/"),
            ),
        )
        grant_dynamic_schedules(self.role, stage, stack)
        grant_every_job_type(self.role, stage, stack)
