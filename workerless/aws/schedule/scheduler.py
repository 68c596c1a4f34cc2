"""Dynamic schedules as entries of EventBridge Scheduler, in a group of their own.

A schedule takes one entry for each expression of AWS that its timetable comes to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import PlatformUnavailableError
from workerless.frozen import frozen
from workerless.ports import Clock
from workerless.schedule.plan import Plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import AwsExpression, translate

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_MOST_RETRIES = 185
_LONGEST_RETRIES, _SHORTEST_RETRIES = timedelta(days=1), timedelta(minutes=1)
_MINUTE = timedelta(minutes=1)


@frozen
class TickTarget:
    """Where ticks go, and the role in which Scheduler sends them: ARNs."""

    queue: str
    role: str
    dead_letters: str


class AwsScheduler:
    """Those of one stage."""

    def __init__(
        self,
        client: "EventBridgeSchedulerClient",
        stage: str,
        target: TickTarget,
        clock: Clock,
    ) -> None:
        self._client = client
        self._group = naming.dynamic_schedule_group(naming.check_stage(stage))
        self._target = target
        self._clock = clock

    def ids(self) -> set[str]:
        return {_id(name) for name in self._names("")}

    def put(self, plan: Plan) -> None:
        now = self._clock.now()
        wanted = {
            naming.schedule_entry(plan.schedule_id, number): self._entry(plan, expression, now)
            for number, expression in enumerate(translate(plan.timetable))
        }
        for name, entry in wanted.items():
            self._put(name, entry)
        self._delete(self._names_of(plan.schedule_id) - wanted.keys())

    def remove(self, schedule_id: str) -> None:
        self._delete(self._names_of(schedule_id))

    def _names_of(self, schedule_id: str) -> set[str]:
        return {name for name in self._names(schedule_id) if _id(name) == schedule_id}

    def _names(self, prefix: str) -> set[str]:
        """The entries whose names begin so; Scheduler takes no empty prefix."""
        only: dict[str, Any] = {"NamePrefix": prefix} if prefix else {}
        with _answering("ListSchedules"):
            pages = self._client.get_paginator("list_schedules").paginate(
                GroupName=self._group, **only
            )
            return {entry["Name"] for page in pages for entry in page["Schedules"]}

    def _put(self, name: str, entry: dict[str, Any]) -> None:
        with _answering("UpdateSchedule"):
            try:
                self._client.update_schedule(Name=name, **entry)
            except self._client.exceptions.ResourceNotFoundException:
                self._create(name, entry)

    def _create(self, name: str, entry: dict[str, Any]) -> None:
        try:
            self._client.create_schedule(Name=name, **entry)
        except self._client.exceptions.ConflictException:  # somebody else did meanwhile
            self._client.update_schedule(Name=name, **entry)

    def _delete(self, names: set[str]) -> None:
        for name in sorted(names):
            with _answering("DeleteSchedule"):
                try:
                    self._client.delete_schedule(Name=name, GroupName=self._group)
                except self._client.exceptions.ResourceNotFoundException:
                    continue

    def _entry(self, plan: Plan, expression: AwsExpression, now: datetime) -> dict[str, Any]:
        """All of an entry: an update sets back what it does not name.

        Its start is left to us: Scheduler refuses one that is past. So is an end that is past.
        """
        gap = plan.timetable.shortest_gap
        age = min(max(gap - _MINUTE, _SHORTEST_RETRIES), _LONGEST_RETRIES)
        window = {"MaximumWindowInMinutes": plan.spread // _MINUTE} if plan.spread else {}
        return {
            "GroupName": self._group,
            "ScheduleExpression": expression.expression,
            "ScheduleExpressionTimezone": expression.timezone,
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE" if plan.spread else "OFF", **window},
            **({"EndDate": plan.end} if plan.end and plan.end > now else {}),
            "State": "ENABLED",
            "Target": {
                "Arn": self._target.queue,
                "RoleArn": self._target.role,
                "Input": tick_input(plan),
                # Shorter than the time to the next tick, so that they come in order.
                "RetryPolicy": {
                    "MaximumEventAgeInSeconds": age // timedelta(seconds=1),
                    "MaximumRetryAttempts": _MOST_RETRIES,
                },
                "DeadLetterConfig": {"Arn": self._target.dead_letters},
            },
        }


def _id(name: str) -> str:
    """The schedule that an entry is of; no key has a dot."""
    job_type, dashes, key = name.partition("--")
    return f"{job_type}{dashes}{key.partition('.')[0]}"


@contextmanager
def _answering(call: str) -> Iterator[None]:
    try:
        yield
    except NO_ANSWER as error:
        raise PlatformUnavailableError(
            f"{call} got no answer: {code_of(error)}: {error}"
        ) from error
