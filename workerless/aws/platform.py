"""A deployed stage as AWS tells of it: queues, mappings, functions, alarms, the table.

All it can change is whether a mapping is on, and its bound.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless import naming
from workerless.aws.asking import ask, told
from workerless.aws.directory import SsmDirectory
from workerless.aws.facts import (
    alarm_facts,
    entry_facts,
    function_facts,
    mapping_facts,
    queue_facts,
    table_facts,
)
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
from workerless.ports import Address

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
# CloudWatch knows of a queue a minute or two late.
_AGES = timedelta(minutes=5)


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
            mappings=tuple(mapping for one in found for mapping in self._mappings(one.arn)),
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
        with told(f"the schedules of group {group}"):
            pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
            names = [entry["Name"] for page in pages for entry in page["Schedules"]]
        found = {name: self._entry(name, group) for name in names}
        return DeployedSchedules(
            entries={name: entry for name, entry in found.items() if entry is not None},
            knows_zones=SsmTickTarget(self._clients.ssm, self._stage)().knows_zones,
        )

    def _entry(self, name: str, group: str) -> EntryFacts | None:
        scheduler = self._clients.scheduler
        answer = ask(f"schedule {name}", lambda: scheduler.get_schedule(Name=name, GroupName=group))
        return None if answer is None else entry_facts(answer)

    def mappings(self, address: Address) -> tuple[MappingFacts, ...]:
        # By their queues: asked by a function's name, Lambda leaves out those that call an alias,
        # and a function may be a pool's.
        found = [one for url in address.queues for one in self._mappings(self._arn(url))]
        return tuple(one for one in found if one.function == address.function)

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        with told(f"mapping {mapping.uuid}, to be switched {'on' if on else 'off'}"):
            self._clients.functions.update_event_source_mapping(UUID=mapping.uuid, Enabled=on)

    def bound(self, mapping: MappingFacts, most: int) -> None:
        with told(f"mapping {mapping.uuid}, to be bounded to {most}"):
            self._clients.functions.update_event_source_mapping(
                UUID=mapping.uuid, ScalingConfig={"MaximumConcurrency": most}
            )

    def oldest(self, queue: str) -> timedelta | None:
        name, now = queue.rpartition(":")[2], datetime.now(UTC)
        with told(f"the age of queue {name}"):
            answer = self._clients.cloudwatch.get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName="ApproximateAgeOfOldestMessage",
                Dimensions=[{"Name": "QueueName", "Value": name}],
                StartTime=now - _AGES,
                EndTime=now,
                Period=60,
                Statistics=["Maximum"],
            )
        last = max(answer["Datapoints"], key=lambda one: one["Timestamp"], default=None)
        return None if last is None else timedelta(seconds=last["Maximum"])

    def queues_beside(self, known: Collection[str]) -> dict[str, int]:
        names = {url.rpartition("/")[2] for url in known}
        with told("the queues"):
            pages = self._clients.sqs.get_paginator("list_queues").paginate(
                QueueNamePrefix=naming.resource(self._stage, ""),
                PaginationConfig={"PageSize": 1000},
            )
            found = [url for page in pages for url in page.get("QueueUrls", [])]
        beside = [url for url in found if self._is_of_a_job_type(url.rpartition("/")[2], names)]
        return {url: count for url in beside if (count := self._messages(url)) is not None}

    def _is_of_a_job_type(self, name: str, known: Collection[str]) -> bool:
        """The names of what serves the stage go on with another '-', which no job type's does."""
        return name not in known and not name.startswith(naming.resource(self._stage, "-"))

    def _messages(self, url: str) -> int | None:
        answer = ask(
            f"queue {url}",
            lambda: self._clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
        )
        return None if answer is None else sum(int(answer["Attributes"][one]) for one in _COUNTS)

    def alarms(self) -> tuple[AlarmFacts, ...]:
        prefix = f"{naming.table(self._stage)}-"
        with told("the alarms"):
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
        answer = ask(
            f"queue {url}",
            lambda: self._clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
        )
        return None if answer is None else queue_facts(answer["Attributes"])

    def _arn(self, queue: str) -> str:
        """Of a queue's address, which ends in account and name."""
        meta, (account, name) = self._clients.sqs.meta, queue.split("/")[-2:]
        return f"arn:{meta.partition}:sqs:{meta.region_name}:{account}:{name}"

    def _mappings(self, queue: str) -> list[MappingFacts]:
        with told(f"the mappings of {queue}"):
            pages = self._clients.functions.get_paginator("list_event_source_mappings")
            return [
                mapping_facts(one)
                for page in pages.paginate(EventSourceArn=queue)
                for one in page["EventSourceMappings"]
            ]

    def _function(self, name: str) -> FunctionFacts | None:
        functions, what = self._clients.functions, f"function {name}"
        configured = functions.get_function_configuration
        live = ask(what, lambda: configured(FunctionName=name, Qualifier=naming.LIVE))
        configuration = live or ask(what, lambda: configured(FunctionName=name))
        if configuration is None:
            return None
        concurrency = ask(what, lambda: functions.get_function_concurrency(FunctionName=name))
        recursion = ask(what, lambda: functions.get_function_recursion_config(FunctionName=name))
        return function_facts(
            configuration,
            version=live["Version"] if live else "",
            reserved=(concurrency or {}).get("ReservedConcurrentExecutions"),
            recursion=(recursion or {}).get("RecursiveLoop"),
            log_days=self._log_days(configuration),
        )

    def _log_days(self, configuration: Any) -> int | None:
        name = configuration.get("LoggingConfig", {}).get("LogGroup")
        name = name or f"/aws/lambda/{configuration['FunctionName']}"
        answer = ask(
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
        answer = ask(f"schedule {name}", lambda: self._clients.scheduler.get_schedule(Name=name))
        if answer is None or answer["State"] != "ENABLED":
            return None
        return str(answer["ScheduleExpression"])

    def _table(self, name: str) -> TableFacts | None:
        dynamodb, what = self._clients.dynamodb, f"table {name}"
        answer = ask(what, lambda: dynamodb.describe_table(TableName=name))
        if answer is None:
            return None
        return table_facts(
            answer["Table"],
            expiry=ask(what, lambda: dynamodb.describe_time_to_live(TableName=name)),
            backups=ask(what, lambda: dynamodb.describe_continuous_backups(TableName=name)),
        )

    def _listeners(self) -> int:
        with told("the alarm topic"):
            topic = SsmDirectory(self._clients.ssm, self._stage).core().topic
        answer = ask(
            f"topic {topic}",
            lambda: self._clients.sns.list_subscriptions_by_topic(TopicArn=topic),
        )
        return len((answer or {}).get("Subscriptions", []))
