"""What all gradual deployments of a stage share: CodeDeploy's application, and its role."""

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_codedeploy import CfnApplication
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from constructs import Construct

from infra.settings import Stage
from workerless import naming


class Releases(Construct):
    """The role moves the aliases of this stage's functions, and looks at alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.application = CfnApplication(
            self,
            "Application",
            application_name=naming.releases(stage.name),
            compute_platform="Lambda",
        )
        self.role = Role(
            self,
            "Role",
            role_name=naming.release_role(stage.name, stack.region),
            assumed_by=ServicePrincipal("codedeploy.amazonaws.com"),
            description=f"Moves the aliases of functions, stage {stage.name}",
        )
        functions = stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=naming.resource(stage.name, "*"),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.role.add_to_policy(
            PolicyStatement(
                sid="Move",
                actions=[
                    "lambda:GetAlias",
                    "lambda:GetProvisionedConcurrencyConfig",
                    "lambda:UpdateAlias",
                ],
                resources=[functions],
            )
        )
        # It knows no resources.
        self.role.add_to_policy(
            PolicyStatement(sid="Judge", actions=["cloudwatch:DescribeAlarms"], resources=["*"])
        )
