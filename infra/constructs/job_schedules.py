"""The schedules that a job type declares, as EventBridge Scheduler has them."""

import json
from datetime import timedelta
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_scheduler import CfnSchedule
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from infra.constructs.tick_sender import tick_queues, tick_sender
from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType
from workerless.planned import plan_of
from workerless.schedule.plan import Plan, write_plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import AwsExpression, told_to_scheduler

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
        self._queue, self._dead_letters = tick_queues(stage, Stack.of(self))
        self._group = naming.schedule_group(stage.name)
        self.role = tick_sender(
            self,
            stage=stage,
            group=self._group,
            description=f"Sends the ticks of {job_type.name}",
        )
        for schedule in job_type.schedules:
            plan = plan_of(job_type, schedule)
            name = "".join(word.capitalize() for word in schedule.name.split("_"))
            told = told_to_scheduler(plan.timetable, knows_zones=stage.knows_zones)
            for number, expression in enumerate(told):
                self._entry(f"{name}{number or ''}", plan, number, expression)
            StringParameter(
                self,
                f"{name}Plan",
                parameter_name=naming.schedule_parameter(stage.name, plan.schedule_id),
                description=f"Schedule {schedule.name} of job type {job_type.name}",
                string_value=_literal(json.dumps(write_plan(plan), separators=(",", ":"))),
            )

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


def _literal(told: str) -> str:
    """The same JSON without two braces in a row, in which CloudFormation and SSM see references."""
    return told.replace("{{", "{\\u007b")
