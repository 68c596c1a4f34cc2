"""The operator: a function that drives bulk operations on and keeps what is paused switched off.

Each minute, and when an operation is started.
"""

from aws_cdk import Duration, Stack
from aws_cdk.aws_lambda import ILayerVersion
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.every_job_type import (
    grant_every_job_type,
    grant_looking_at_ages,
    grant_operating,
    grant_switching,
)
from infra.constructs.system_function import SystemFunction
from infra.settings import Stage
from workerless import naming


class Operator(SystemFunction):
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
            name=naming.operator(stage.name),
            title="Operator",
            folder="operator",
            description="Drives bulk operations on, and keeps paused job types switched off",
            layer=layer,
            code=code,
            # It takes up no work in the last twenty seconds; two at once do no harm.
            timeout=Duration.seconds(75),
        )
        stack = Stack.of(self)
        grant_operating(self.role, stage, stack)
        grant_every_job_type(self.role, stage, stack)
        grant_switching(self.role, stage, stack)
        grant_looking_at_ages(self.role)
        self.call_each_minute()
