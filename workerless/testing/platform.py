"""A deployment without a flaw, and whatever a test makes of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from workerless import limits, naming
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
from workerless.environment import WorkerEnvironment
from workerless.ports import Address, Clock
from workerless.schedule.plan import Plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import told_to_scheduler
from workerless.testing.clock import FakeClock

_ARN = "arn:aws:sqs:us-east-1:000000000000:"
_TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"


def a_function(name: str, **changes: Any) -> FunctionFacts:
    """A function as our stacks make it."""
    facts: dict[str, Any] = {
        "name": name,
        "version": "7",
        "state": "Active",
        "last_update": "Successful",
        "timeout": timedelta(seconds=60),
        "reserved": None,
        "may_loop": True,
        "log_days": 14,
    }
    return FunctionFacts(**{**facts, **changes})


def a_mapping(queue: str, function: str, **changes: Any) -> MappingFacts:
    """The mapping of the queue called ``queue``."""
    facts: dict[str, Any] = {
        "uuid": f"mapping-of-{queue}",
        "queue": _ARN + queue,
        "function": function,
        "qualifier": naming.LIVE,
        "state": "Enabled",
        "batch_size": 10,
        "window": timedelta(0),
        "max_concurrency": 5,
        "takes_partial_responses": True,
        "counts_events": True,
    }
    return MappingFacts(**{**facts, **changes})


def an_alarm(queue: str, metric: str, **changes: Any) -> AlarmFacts:
    """An alarm on a metric of one queue."""
    facts: dict[str, Any] = {
        "name": f"{queue}-{metric}",
        "state": "OK",
        "metric": metric,
        "queue": queue,
        "threshold": 0.0,
        "missing_data": "notBreaching",
        "tells": (_TOPIC,),
    }
    return AlarmFacts(**{**facts, **changes})


def a_deployed_job_type(address: Address) -> DeployedJobType:
    """All of a job type, its queues called as in its address."""
    queue, dead = address.queue, address.dead_letters
    variables = WorkerEnvironment(
        stage="test", table="table", bucket="bucket", queue_url=queue, dead_letter_url=dead
    ).render()
    return DeployedJobType(
        address=address,
        queue=_queue(queue, dead),
        dead_letters=QueueFacts(
            name=dead,
            arn=_ARN + dead,
            visibility=timedelta(seconds=30),
            retention=limits.DEAD_LETTER_RETENTION,
            dead_letters=None,
            max_receive_count=None,
            allows=tuple(_ARN + one for one in address.queues),
            is_encrypted=True,
            is_tls_only=True,
        ),
        mappings=tuple(a_mapping(one, address.function) for one in address.queues),
        function=a_function(address.function, environment=variables),
        alarms=(
            an_alarm(dead, "ApproximateNumberOfMessagesVisible"),
            *(
                an_alarm(one, "ApproximateAgeOfOldestMessage", threshold=600.0)
                for one in address.queues
            ),
        ),
        lanes={lane: _queue(one, dead) for lane, one in address.lanes.items()},
    )


def _queue(name: str, dead: str) -> QueueFacts:
    return QueueFacts(
        name=name,
        arn=_ARN + name,
        visibility=timedelta(seconds=360),
        retention=limits.QUEUE_RETENTION,
        dead_letters=_ARN + dead,
        max_receive_count=16,
        allows=None,
        is_encrypted=True,
        is_tls_only=True,
    )


def a_deployed_core(stage: str = "test") -> DeployedCore:
    """What all job types of a stage share."""
    return DeployedCore(
        table=TableFacts(
            name=naming.table(stage),
            state="ACTIVE",
            indexes=frozenset({"due", "by_state"}),
            expires_by="expires_at",
            is_recoverable=True,
            is_protected=True,
        ),
        sweeper=_each_minute(naming.sweeper(stage)),
        operator=_each_minute(naming.operator(stage)),
        listeners=1,
    )


def _each_minute(name: str) -> ScheduledFunction:
    return ScheduledFunction(name=name, function=a_function(name), schedule="rate(1 minutes)")


def entries_of(plans: Mapping[str, Plan], *, knows_zones: bool = True) -> DeployedSchedules:
    """As the stacks of their job types make them."""
    entries = {
        naming.schedule_entry(plan.schedule_id, number): EntryFacts(
            expression=one.expression,
            timezone=one.timezone,
            is_enabled=True,
            input=tick_input(plan),
        )
        for plan in plans.values()
        for number, one in enumerate(told_to_scheduler(plan.timetable, knows_zones=knows_zones))
    }
    return DeployedSchedules(entries=entries, knows_zones=knows_zones)


@dataclass(kw_only=True)
class InMemoryPlatform:
    """A stage in which all is well, but for ``job_types`` and ``shared`` that a test puts there.

    ``ages`` are those of the oldest messages, by the ARN of their queue.
    """

    shared: DeployedCore = field(default_factory=a_deployed_core)
    job_types: dict[str, DeployedJobType] = field(default_factory=dict)
    scheduled: DeployedSchedules = field(default_factory=lambda: entries_of({}))
    left: dict[str, int] = field(default_factory=dict)
    ages: dict[str, timedelta] = field(default_factory=dict)
    clock: Clock = field(default_factory=FakeClock)

    def job_type(self, address: Address) -> DeployedJobType:
        return self.job_types.setdefault(address.job_type, a_deployed_job_type(address))

    def core(self) -> DeployedCore:
        return self.shared

    def schedules(self) -> DeployedSchedules:
        return self.scheduled

    def mappings(self, address: Address) -> tuple[MappingFacts, ...]:
        return self.job_type(address).mappings

    def switch(self, mapping: MappingFacts, *, on: bool) -> None:
        """At once, unlike Lambda."""
        self._change(mapping, replace(mapping, state="Enabled" if on else "Disabled"))

    def bound(self, mapping: MappingFacts, most: int) -> None:
        """At once, too."""
        self._change(mapping, replace(mapping, max_concurrency=most))

    def oldest(self, queue: str) -> timedelta | None:
        return self.ages.get(queue)

    def queues_beside(self, known: Collection[str]) -> dict[str, int]:
        return {queue: count for queue, count in self.left.items() if queue not in known}

    def alarms(self) -> tuple[AlarmFacts, ...]:
        return tuple(alarm for one in self.job_types.values() for alarm in one.alarms)

    def _change(self, mapping: MappingFacts, to: MappingFacts) -> None:
        changed = replace(to, changed_at=self.clock.now())
        for name, one in self.job_types.items():
            mappings = tuple(changed if known == mapping else known for known in one.mappings)
            self.job_types[name] = replace(one, mappings=mappings)
