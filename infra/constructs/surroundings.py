"""What a worker's function has around it where its stage says so: a VPC, layers, Lambda Insights.

Rights follow from that. The CDK would attach AWS' managed policies, which allow more.
"""

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk.aws_iam import Effect, PolicyStatement, Role
from aws_cdk.aws_lambda import CfnFunction, Function, ILayerVersion, LayerVersion
from aws_cdk.region_info import FactName
from constructs import Construct

from infra.placeholders import fill, fill_for_people
from infra.placement import Placement
from infra.settings import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

INSIGHTS_VERSION = "1.0.498.0"
_INSIGHTS_LOG = "arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda-insights"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


class Surroundings(Construct):
    """Of the function called ``function``. ``wildcards`` are cdk-nag's findings, with reasons."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: str,
        placement: Placement,
        stage: Stage,
    ) -> None:
        super().__init__(scope, construct_id)
        self._function = function
        self._placement = placement
        self._stage = stage
        self.wildcards: Mapping[str, str] = {}
        arns = [fill(one, stage=stage, stack=Stack.of(self)) for one in placement.layers]
        if placement.insights:
            arns.append(self._insights())
        self.layers: list[ILayerVersion] = [
            LayerVersion.from_layer_version_arn(self, f"Layer{number}", arn)
            for number, arn in enumerate(arns, start=1)
        ]

    def allow(self, role: Role) -> None:
        """What Lambda does with a function's own role."""
        if self._placement.network:
            self._allow_network(role)
        if self._placement.insights:
            self._allow_insights(role)

    def put_around(self, function: Function) -> None:
        """Has ``function`` in its network. To be called before its version is made."""
        network, made = self._placement.network, function.node.default_child
        if network and isinstance(made, CfnFunction):
            made.vpc_config = CfnFunction.VpcConfigProperty(
                subnet_ids=list(network.subnets),
                security_group_ids=list(network.security_groups),
            )

    def _insights(self) -> str:
        """Its extension, whose account differs by region."""
        architecture = "arm64" if self._stage.architecture == "arm64" else "x86_64"
        fact = FactName.cloudwatch_lambda_insights_version(INSIGHTS_VERSION, architecture)
        return Stack.of(self).regional_fact(fact)

    def _allow_network(self, role: Role) -> None:
        """Lambda makes network interfaces; the handler itself must not."""
        role.add_to_policy(
            PolicyStatement(sid="Interfaces", actions=list(_INTERFACES), resources=["*"])
        )
        arn = "arn:{partition}:lambda:{region}:{account}:function:" + self._function
        itself = fill(arn, stage=self._stage, stack=Stack.of(self))
        role.add_to_policy(
            PolicyStatement(
                sid="NotItself",
                effect=Effect.DENY,
                actions=list(_INTERFACES),
                resources=["*"],
                conditions={"ArnEquals": {"lambda:SourceFunctionArn": itself}},
            )
        )
        self.wildcards = {
            **self.wildcards,
            "AwsSolutions-IAM5[Resource::*]": "network interfaces are made by Lambda, and have no "
            "names before; what runs in the function is denied the same",
        }

    def _allow_insights(self, role: Role) -> None:
        stack = Stack.of(self)
        role.add_to_policy(
            PolicyStatement(
                sid="Insights",
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[
                    fill(f"{_INSIGHTS_LOG}{end}", stage=self._stage, stack=stack)
                    for end in ("", ":*")
                ],
            )
        )
        found = fill_for_people(f"{_INSIGHTS_LOG}:*", stage=self._stage, stack=stack)
        self.wildcards = {
            **self.wildcards,
            f"AwsSolutions-IAM5[Resource::{found}]": "streams of Lambda Insights' one log group, "
            "which the extension names",
        }
