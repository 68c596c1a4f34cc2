"""The HTTP API of a stage: its gateway, its function, and the policies of its callers."""

from collections.abc import Sequence

from aws_cdk import App, CfnOutput, Stack, Tags
from aws_cdk.aws_ssm import StringParameter

from infra.artifact import Artifact
from infra.constructs.api_function import ApiFunction
from infra.constructs.api_policies import ApiPolicies
from infra.constructs.http_api import Gateway
from infra.constructs.saved_queries import SavedQueries
from infra.settings import Stage
from infra.tagging import stage_tags
from workerless import naming


class ApiStack(Stack):
    """Knows all job types: their declarations are in its function, their names in a policy.

    So it also has what people ask the logs of all ``functions``.
    """

    def __init__(
        self,
        scope: App,
        *,
        stage: Stage,
        layer: Artifact,
        code: Artifact,
        job_types: Sequence[str],
        functions: Sequence[str],
    ) -> None:
        name = f"workerless-{stage.name}-api"
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: the HTTP API",
            env=stage.environment,
        )
        self.stage = stage
        self.worker = ApiFunction(self, "Worker", stage=stage, layer=layer, code=code)
        self.gateway = Gateway(self, "Gateway", stage=stage, function=self.worker.live)
        self.policies = ApiPolicies(
            self, "Callers", stage=stage, gateway=self.gateway, job_types=sorted(job_types)
        )
        self.queries = SavedQueries(self, "Queries", stage=stage, functions=functions)
        StringParameter(
            self,
            "Parameter",
            parameter_name=naming.api_parameter(stage.name),
            description="Where the HTTP API of this stage is",
            string_value=self.to_json_string({"endpoint": self.gateway.endpoint}),
        )
        CfnOutput(self, "Endpoint", value=self.gateway.endpoint)
        for key, value in stage_tags(stage).items():
            Tags.of(self).add(key, value)
