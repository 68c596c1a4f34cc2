"""The role in which EventBridge Scheduler sends the ticks of a group of schedules."""

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from constructs import Construct

from infra.settings import Stage
from workerless import naming


def tick_sender(
    scope: Construct, *, stage: Stage, group: str, description: str, name: str | None = None
) -> Role:
    """It may send to the stage's queue of ticks, and to that of those in vain; nothing else."""
    stack = Stack.of(scope)
    # Scheduler acts for anybody who may pass it a role: only for schedules of this group.
    source = stack.format_arn(
        service="scheduler",
        resource="schedule-group",
        resource_name=group,
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
    trusted = ServicePrincipal(
        "scheduler.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnEquals": {"aws:SourceArn": source},
        },
    )
    role = Role(scope, "Role", role_name=name, assumed_by=trusted, description=description)
    role.add_to_policy(
        PolicyStatement(
            sid="Send", actions=["sqs:SendMessage"], resources=tick_queues(stage, stack)
        )
    )
    return role


def tick_queues(stage: Stage, stack: Stack) -> list[str]:
    """The ARNs of both: where ticks go, and where those in vain do."""
    name = naming.ticks_queue(stage.name)
    return [stack.format_arn(service="sqs", resource=one) for one in (name, f"{name}-dead")]
