"""A schedule that calls one function each minute, and the role it may do nothing else with."""

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_scheduler import CfnSchedule
from constructs import Construct


class EachMinute(Construct):
    """A missed call is not made up for: the next one is as good."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, function_arn: str
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        # EventBridge Scheduler acts for anybody who may pass it a role, and says for which group of
        # schedules it does, never for which schedule.
        group = stack.format_arn(
            service="scheduler",
            resource="schedule-group",
            resource_name="default",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        trusted = ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnEquals": {"aws:SourceArn": group},
            },
        )
        self.role = Role(self, "Role", assumed_by=trusted, description=f"Calls {name}")
        self.role.add_to_policy(
            PolicyStatement(
                sid="Invoke", actions=["lambda:InvokeFunction"], resources=[function_arn]
            )
        )
        self.schedule = CfnSchedule(
            self,
            "Schedule",
            name=name,
            description=f"Calls {name}",
            schedule_expression="rate(1 minutes)",
            flexible_time_window=CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=CfnSchedule.TargetProperty(
                arn=function_arn,
                role_arn=self.role.role_arn,
                retry_policy=CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=0, maximum_event_age_in_seconds=60
                ),
            ),
        )
