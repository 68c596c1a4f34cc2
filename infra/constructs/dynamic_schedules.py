"""Where schedules live that are made at run time, and who may make them."""

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement, Role
from aws_cdk.aws_scheduler import CfnScheduleGroup
from constructs import Construct

from infra.constructs.tick_sender import tick_queues, tick_sender
from infra.settings import Stage
from workerless import naming


class DynamicSchedules(Construct):
    """A group of their own, so that rights on them are none on those of deployments."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        group = naming.dynamic_schedule_group(stage.name)
        self.group = CfnScheduleGroup(self, "Group", name=group)
        self.role = tick_sender(
            self,
            stage=stage,
            group=group,
            name=naming.tick_role(stage.name, Stack.of(self).region),
            description="Sends the ticks of schedules that are made at run time",
        )
        queue, dead_letters = tick_queues(stage, Stack.of(self))
        # What ``aws.schedule.target`` reads.
        self.target: dict[str, str | bool] = {
            "queue": queue,
            "dead_letters": dead_letters,
            "role": self.role.role_arn,
            "knows_zones": stage.knows_zones,
        }


def grant_dynamic_schedules(role: Role, stage: Stage, stack: Stack) -> None:
    """Make, change, compare and delete entries of that group, and have them send ticks."""
    entries = stack.format_arn(
        service="scheduler",
        resource="schedule",
        resource_name=f"{naming.dynamic_schedule_group(stage.name)}/*",
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
    verbs = ("Create", "Update", "Get", "Delete")
    role.add_to_policy(
        PolicyStatement(
            sid="Entries",
            actions=[f"scheduler:{verb}Schedule" for verb in verbs],
            resources=[entries],
        )
    )
    # It knows no resources.
    role.add_to_policy(
        PolicyStatement(sid="EntryNames", actions=["scheduler:ListSchedules"], resources=["*"])
    )
    sender = stack.format_arn(
        service="iam",
        region="",
        resource="role",
        resource_name=naming.tick_role(stage.name, stack.region),
    )
    role.add_to_policy(
        PolicyStatement(
            sid="SendAs",
            actions=["iam:PassRole"],
            resources=[sender],
            conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        )
    )
