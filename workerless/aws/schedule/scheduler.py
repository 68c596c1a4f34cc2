"""Dynamic schedules as entries of EventBridge Scheduler, in a group of their own.

A schedule takes one entry for each expression of AWS that its timetable comes to.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.aws.schedule.target import SsmTickTarget, TickTarget
from workerless.errors import PlatformUnavailableError
from workerless.ports import Clock
from workerless.schedule.plan import Plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import AwsExpression, told_to_scheduler
from workerless.schedule.when import Once

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    from workerless.aws.session import AwsClients

_MOST_RETRIES = 185
_LONGEST_RETRIES, _SHORTEST_RETRIES = timedelta(days=1), timedelta(minutes=1)
_MINUTE = timedelta(minutes=1)
# What somebody may have added to an entry; without them Scheduler's own words would differ.
_BOUNDS = ("StartDate", "EndDate")


def scheduler_of(stage: str, clients: "AwsClients", clock: Clock) -> "AwsScheduler":
    """That of a stage; nothing is asked yet."""
    target = SsmTickTarget(clients.ssm, stage)
    return AwsScheduler(lambda: clients.scheduler, stage, target, clock)


class AwsScheduler:
    """Those of one stage. ``client`` and ``target`` are asked for when they are needed."""

    def __init__(
        self,
        client: Callable[[], "EventBridgeSchedulerClient"],
        stage: str,
        target: Callable[[], TickTarget],
        clock: Clock,
    ) -> None:
        self._client_of = client
        self._group = naming.dynamic_schedule_group(naming.check_stage(stage))
        self._target = target
        self._clock = clock

    def ids(self, has_time: Callable[[], bool]) -> set[str] | None:
        found: set[str] = set()
        for names in self._pages():
            found |= {naming.dynamic_id_of(name) for name in names}
            if not has_time():
                return None
        return found - {""}  # that of entries that somebody made by hand

    def put(self, plan: Plan) -> None:
        wanted = self._wanted(plan)
        for name, entry in wanted.items():
            self._put(name, entry)
        self._delete(self._names_of(plan.schedule_id) - wanted.keys())

    def differs(self, plan: Plan) -> bool:
        wanted = self._wanted(plan)
        return self._names_of(plan.schedule_id) != wanted.keys() or any(
            not _is_as_told(self._get(name), entry) for name, entry in wanted.items()
        )

    def remove(self, schedule_id: str) -> None:
        self._delete(self._names_of(schedule_id))

    @property
    def _client(self) -> "EventBridgeSchedulerClient":
        return self._client_of()

    def _wanted(self, plan: Plan) -> dict[str, dict[str, Any]]:
        """Its entries, by name."""
        target, now = self._target(), self._clock.now()
        told = told_to_scheduler(plan.timetable, knows_zones=target.knows_zones)
        return {
            naming.dynamic_entry(plan.schedule_id, number): self._entry(plan, one, target, now)
            for number, one in enumerate(told)
        }

    def _names_of(self, schedule_id: str) -> set[str]:
        pages = self._pages(NamePrefix=f"{schedule_id}.")
        return {
            name for page in pages for name in page if naming.dynamic_id_of(name) == schedule_id
        }

    def _pages(self, **only: Any) -> Iterator[list[str]]:
        """The names of entries, a hundred a call."""
        with _answering("ListSchedules"):
            pages = self._client.get_paginator("list_schedules").paginate(
                GroupName=self._group, **only
            )
            for page in pages:
                yield [entry["Name"] for entry in page["Schedules"]]

    def _get(self, name: str) -> Mapping[str, Any] | None:
        with _answering("GetSchedule"):
            try:
                return self._client.get_schedule(Name=name, GroupName=self._group)
            except self._client.exceptions.ResourceNotFoundException:
                return None

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

    def _entry(
        self, plan: Plan, expression: AwsExpression, target: TickTarget, now: datetime
    ) -> dict[str, Any]:
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
            # To the second, as Scheduler keeps it.
            **_end(plan, now),
            "State": "ENABLED",
            # Else what is over counts in the account's quota for ever.
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": target.queue,
                "RoleArn": target.role,
                "Input": tick_input(plan),
                # Shorter than the time to the next tick, so that they come in order.
                "RetryPolicy": {
                    "MaximumEventAgeInSeconds": age // timedelta(seconds=1),
                    "MaximumRetryAttempts": _MOST_RETRIES,
                },
                "DeadLetterConfig": {"Arn": target.dead_letters},
            },
        }


def _end(plan: Plan, now: datetime) -> dict[str, datetime]:
    """Scheduler ignores that of what is due once, and need not tell it again."""
    if plan.end is None or plan.end <= now or isinstance(plan.when, Once):
        return {}
    return {"EndDate": plan.end.replace(microsecond=0)}


def _is_as_told(found: Mapping[str, Any] | None, entry: Mapping[str, Any]) -> bool:
    if found is None:
        return False
    return _says(found, entry) and all(found.get(one) == entry.get(one) for one in _BOUNDS)


def _says(found: object, told: object) -> bool:
    """Whether it is what was told, maybe with defaults beside it."""
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        return all(_says(found.get(name), value) for name, value in told.items())
    return found == told


@contextmanager
def _answering(call: str) -> Iterator[None]:
    try:
        yield
    except NO_ANSWER as error:
        raise PlatformUnavailableError(
            f"{call} got no answer: {code_of(error)}: {error}"
        ) from error
