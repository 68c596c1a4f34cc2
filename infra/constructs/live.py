"""What the callers of a function call: its alias ``live``, which stands for one of its versions."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk.aws_lambda import (
    Alias,
    CfnEventSourceMapping,
    EventSourceMapping,
    Function,
    IFunction,
    VersionOptions,
)
from constructs import Construct

from workerless import naming

# A change of the layer alone is another version, too.
_LAYERS_COUNT = "@aws-cdk/aws-lambda:recognizeLayerVersion"
# Versions stay when there is another one: without them there would be nothing to go back to. One
# whose deployment fails goes: Lambda refuses to publish what it has published before.
VERSIONS = VersionOptions(removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def count_layers(scope: Construct) -> None:
    """To be called before ``scope`` gets its function."""
    scope.node.set_context(_LAYERS_COUNT, True)  # noqa: FBT003 -- the CDK knows no name for it


def add_live(scope: Construct, function: Function) -> Alias:
    """The version of ``function`` as it will be, and the alias that stands for it."""
    return Alias(
        scope,
        "Live",
        alias_name=naming.LIVE,
        version=function.current_version,
        description="What runs: moved by deployments",
    )


def live_of(scope: Construct, construct_id: str, function_name: str) -> IFunction:
    """The alias of another stack's function."""
    arn = Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name=f"{function_name}:{naming.LIVE}",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return Function.from_function_attributes(
        scope, construct_id, function_arn=arn, same_environment=True
    )


def call_by_arn(mapping: EventSourceMapping, function: IFunction) -> None:
    """The alias as it is: the CDK would take its ARN apart, and put a name together again."""
    made = mapping.node.default_child
    if isinstance(made, CfnEventSourceMapping):
        made.function_name = function.function_arn
