"""A deployed stage as AWS tells of it: queues, mappings, functions, alarms, the table.

All it can change is whether a mapping is on. A call that is refused because there is no such thing
answers None; any other failure is ``PlatformUnavailableError``, since silence is no fact.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workerless import naming
from workerless.aws.directory import SsmDirectory
from workerless.aws.facts import (
    alarm_facts,
    entry_facts,
    function_facts,
    mapping_facts,
    queue_facts,
    table_facts,
)
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.aws.schedule.target import SsmTickTarget
from workerless.deployed import (
    AlarmFacts,
    DeployedCore,
    DeployedJobType,
    DeployedSchedules,
    EntryFacts,
    FunctionFacts,
    MappingFacts,
    QueueFacts,
    ScheduledFunction,
    TableFacts,
)
from workerless.errors import PlatformUnavailableError
from workerless.ports import Address

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

_NOT_THERE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
}


class AwsPlatform:
    """One stage, read anew with every call."""

    def __init__(self, clients: "AwsClients", stage: str) -> None:
        self._clients = clients
        self._stage = naming.check_stage(stage)

    def job_type(self, address: Address) -> DeployedJobType:
        dead = self._queue(address.dead_letters)
        queues = {url: self._queue(url) for url in address.queues}
        found = [one for one in (*queues.values(), dead) if one]
        names = {one.name for one in found}
        return DeployedJobType(
            address=address,
            queue=queues[address.queue],
            dead_letters=dead,
            mappings=tuple(mapping for one in found for mapping in self._mappings(queue=one.arn)),
            function=self._function(address.function),
            alarms=tuple(one for one in self.alarms() if one.queue in names),
            lanes={lane: queues[url] for lane, url in address.lanes.items()},
        )

    def core(self) -> DeployedCore:
        return DeployedCore(
            table=self._table(naming.table(self._stage)),
            sweeper=self._scheduled(naming.sweeper(self._stage)),
            operator=self._scheduled(naming.operator(self._stage)),
            listeners=self._listeners(),
        )

    def schedules(self) -> DeployedSchedules:
        scheduler, group = self._clients.scheduler, naming.schedule_group(self._stage)
        with _told(f"the schedules of group {group}"):
            pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
            names = [entry["Name"] for page in pages for entry in page["Schedules"]]
        found = {name: self._entry(name, group) for name in names}
        return DeployedSchedules(
            entries={name: entry for name, entry in found.items() if entry is not None},
            knows_zones=SsmTickTarget(self._clients.ssm, self._stage)().knows_zones,
        )

    def _entry(self, name: str, group: str) -> EntryFacts | None:
        scheduler = self._clients.scheduler
        answer = _ask(
            f"schedule {name}", lambda: scheduler.get_schedule(Name=name, GroupName=group)
        )
        return None if answer is None else entry_facts(answer)

    def mappings(self, address: Address) -> tuple[MappingFacts, ...]:
        own = {url.rpartition("/")[2] for url in address.queues}
        # A function may be a pool's: its other mappings are none of this job type.
        found = self._mappings(function=address.function)
        return tuple(one for one in found if one.queue.rpartition(":")[2] in own)

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        with _told(f"mapping {mapping.uuid}, to be switched {'on' if on else 'off'}"):
            self._clients.functions.update_event_source_mapping(UUID=mapping.uuid, Enabled=on)

    def alarms(self) -> tuple[AlarmFacts, ...]:
        prefix = f"{naming.table(self._stage)}-"
        with _told("the alarms"):
            pages = list(
                self._clients.cloudwatch.get_paginator("describe_alarms").paginate(
                    AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
                )
            )
        composites = [one for page in pages for one in page.get("CompositeAlarms", [])]
        return tuple(
            alarm_facts(alarm, composites)
            for page in pages
            for alarm in page.get("MetricAlarms", [])
        )

    def _queue(self, url: str) -> QueueFacts | None:
        answer = _ask(
            f"queue {url}",
            lambda: self._clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
        )
        return None if answer is None else queue_facts(answer["Attributes"])

    def _mappings(self, *, queue: str = "", function: str = "") -> list[MappingFacts]:
        of: Any = {"EventSourceArn": queue} if queue else {"FunctionName": function}
        with _told(f"the mappings of {queue or function}"):
            pages = self._clients.functions.get_paginator("list_event_source_mappings")
            return [
                mapping_facts(one)
                for page in pages.paginate(**of)
                for one in page["EventSourceMappings"]
            ]

    def _function(self, name: str) -> FunctionFacts | None:
        functions, what = self._clients.functions, f"function {name}"
        configuration = _ask(what, lambda: functions.get_function_configuration(FunctionName=name))
        if configuration is None:
            return None
        concurrency = _ask(what, lambda: functions.get_function_concurrency(FunctionName=name))
        recursion = _ask(what, lambda: functions.get_function_recursion_config(FunctionName=name))
        return function_facts(
            configuration,
            reserved=(concurrency or {}).get("ReservedConcurrentExecutions"),
            recursion=(recursion or {}).get("RecursiveLoop"),
            log_days=self._log_days(configuration),
        )

    def _log_days(self, configuration: Any) -> int | None:
        name = configuration.get("LoggingConfig", {}).get("LogGroup")
        name = name or f"/aws/lambda/{configuration['FunctionName']}"
        answer = _ask(
            f"log {name}",
            lambda: self._clients.logs.describe_log_groups(logGroupNamePrefix=name),
        )
        groups = {one["logGroupName"]: one for one in (answer or {}).get("logGroups", [])}
        days: int | None = groups.get(name, {}).get("retentionInDays")
        return days

    def _scheduled(self, name: str) -> ScheduledFunction:
        return ScheduledFunction(
            name=name, function=self._function(name), schedule=self._schedule(name)
        )

    def _schedule(self, name: str) -> str | None:
        answer = _ask(f"schedule {name}", lambda: self._clients.scheduler.get_schedule(Name=name))
        if answer is None or answer["State"] != "ENABLED":
            return None
        return str(answer["ScheduleExpression"])

    def _table(self, name: str) -> TableFacts | None:
        dynamodb, what = self._clients.dynamodb, f"table {name}"
        answer = _ask(what, lambda: dynamodb.describe_table(TableName=name))
        if answer is None:
            return None
        return table_facts(
            answer["Table"],
            expiry=_ask(what, lambda: dynamodb.describe_time_to_live(TableName=name)),
            backups=_ask(what, lambda: dynamodb.describe_continuous_backups(TableName=name)),
        )

    def _listeners(self) -> int:
        with _told("the alarm topic"):
            topic = SsmDirectory(self._clients.ssm, self._stage).core().topic
        answer = _ask(
            f"topic {topic}",
            lambda: self._clients.sns.list_subscriptions_by_topic(TopicArn=topic),
        )
        return len((answer or {}).get("Subscriptions", []))


def _ask(what: str, call: Callable[[], Any]) -> Any:
    """What ``call`` answers; None where there is no such thing."""
    with _told(what):
        try:
            return call()
        except NO_ANSWER as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except NO_ANSWER as error:
        raise PlatformUnavailableError(
            f"AWS did not tell about {what}: {code_of(error)}: {error}"
        ) from error
