"""The schedules that a job type declares, as EventBridge Scheduler has them."""

import json
from datetime import timedelta
from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_scheduler import CfnSchedule
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType
from workerless.planned import plan_of
from workerless.schedule.plan import Plan, write_plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import AwsExpression, translate

_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
_MOST_RETRIES, _LONGEST_RETRIES = 185, timedelta(days=1)


class JobSchedules(Construct):
    """Each sends its ticks to the stage's queue, in a role that may do nothing else.

    Scheduler's own bounds are left alone, since it takes no start that is past: whoever takes the
    ticks holds them to those of the schedule.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        ticks = naming.ticks_queue(stage.name)
        self._queue = stack.format_arn(service="sqs", resource=ticks)
        self._dead_letters = stack.format_arn(service="sqs", resource=f"{ticks}-dead")
        self._group = naming.schedule_group(stage.name)
        self.role = self._role(job_type)
        for schedule in job_type.schedules:
            plan = plan_of(job_type, schedule)
            name = "".join(word.capitalize() for word in schedule.name.split("_"))
            for number, expression in enumerate(_expressions(plan, stage)):
                self._entry(f"{name}{number or ''}", plan, number, expression)
            StringParameter(
                self,
                f"{name}Plan",
                parameter_name=naming.schedule_parameter(stage.name, plan.schedule_id),
                description=f"Schedule {schedule.name} of job type {job_type.name}",
                string_value=_literal(json.dumps(write_plan(plan), separators=(",", ":"))),
            )

    def _role(self, job_type: JobType[Any, Any]) -> Role:
        stack = Stack.of(self)
        # Scheduler acts for anybody who may pass it a role: only for schedules of this group.
        group = stack.format_arn(
            service="scheduler",
            resource="schedule-group",
            resource_name=self._group,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        trusted = ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnEquals": {"aws:SourceArn": group},
            },
        )
        role = Role(
            self, "Role", assumed_by=trusted, description=f"Sends the ticks of {job_type.name}"
        )
        role.add_to_policy(
            PolicyStatement(
                sid="Send",
                actions=["sqs:SendMessage"],
                resources=[self._queue, self._dead_letters],
            )
        )
        return role

    def _entry(self, construct_id: str, plan: Plan, number: int, expression: AwsExpression) -> None:
        minutes = plan.spread // _MINUTE
        window = CfnSchedule.FlexibleTimeWindowProperty(
            mode="FLEXIBLE" if minutes else "OFF", maximum_window_in_minutes=minutes or None
        )
        # Over before the next tick, so that they come in order.
        retries = min(max(plan.timetable.shortest_gap - _MINUTE, _MINUTE), _LONGEST_RETRIES)
        CfnSchedule(
            self,
            construct_id,
            name=naming.schedule_entry(plan.schedule_id, number),
            group_name=self._group,
            schedule_expression=expression.expression,
            schedule_expression_timezone=expression.timezone,
            flexible_time_window=window,
            target=CfnSchedule.TargetProperty(
                arn=self._queue,
                role_arn=self.role.role_arn,
                input=_literal(tick_input(plan)),
                retry_policy=CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=retries // _SECOND,
                    maximum_retry_attempts=_MOST_RETRIES,
                ),
                dead_letter_config=CfnSchedule.DeadLetterConfigProperty(arn=self._dead_letters),
            ),
        )


def _expressions(plan: Plan, stage: Stage) -> tuple[AwsExpression, ...]:
    """Each minute where zones are unknown: the ticker knows which of them is a tick."""
    expressions = translate(plan.timetable)
    if stage.knows_zones or all(one.timezone == "UTC" for one in expressions):
        return expressions
    return (AwsExpression("cron(* * * * ? *)", "UTC"),)


def _literal(told: str) -> str:
    """The same JSON without two braces in a row, in which CloudFormation and SSM see references."""
    return told.replace("{{", "{\\u007b")
