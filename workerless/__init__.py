"""Workerless: background jobs on SQS and Lambda, declared once.

A ``job.py`` imports everything it needs from here; handlers take the signals, producers
``workerless.client``, Lambda ``workerless.worker``.
"""

from typing import TYPE_CHECKING, Any

from workerless.backoff import Computed, Exponential, Fixed, Jitter, Linear, Listed, Polynomial
from workerless.errors import WorkerlessError
from workerless.hooks import Hooks, JobInfo, Kpi
from workerless.job_type import JobType
from workerless.origin import correlated
from workerless.payload import Payload, Result, payload_key
from workerless.permission import Allow
from workerless.signals import (
    Continue,
    Discard,
    Fail,
    JobCancelled,
    LeaseLost,
    RetryAfter,
    Snooze,
    SoftTimeout,
)
from workerless.states import State
from workerless.tracking import Tracking
from workerless.unknown_outcome import OnUnknownOutcome

if TYPE_CHECKING:
    from workerless.flow.autoscale import Autoscale
    from workerless.flow.concurrency import Concurrency, OnConflict
    from workerless.flow.dependency import Dependency
    from workerless.flow.guard import MaxWaiting, WhenFull
    from workerless.flow.lanes import PRIORITIES, TIERS, Lanes
    from workerless.flow.rate import RateLimit
    from workerless.flow.unique import Debounce, OnDuplicate, Unique, Until
    from workerless.priority import Priority
    from workerless.schedule.schedule import Missed, Overlap, Schedule
    from workerless.schedule.when import Cron, Every, Once
    from workerless.sensitive import Sensitive
    from workerless.source import FromEventBridge, FromS3, FromSns, ObjectEvent
    from workerless.workflow.build import Workflow, chain, chord, group, step
    from workerless.workflow.definition import OnFailure
    from workerless.workflow.reference import result_of, summary_of_batch

__all__ = [
    "JobType",
    "Tracking",
    "Payload",
    "Result",
    "Exponential",
    "Linear",
    "Fixed",
    "Listed",
    "Polynomial",
    "Computed",
    "Jitter",
    "Allow",
    "OnUnknownOutcome",
    "Autoscale",
    "Concurrency",
    "OnConflict",
    "Lanes",
    "PRIORITIES",
    "TIERS",
    "Priority",
    "MaxWaiting",
    "WhenFull",
    "Unique",
    "Until",
    "OnDuplicate",
    "Debounce",
    "RateLimit",
    "Dependency",
    "Schedule",
    "Cron",
    "Every",
    "Once",
    "Overlap",
    "Missed",
    "FromEventBridge",
    "FromS3",
    "FromSns",
    "ObjectEvent",
    "Workflow",
    "chain",
    "group",
    "chord",
    "step",
    "result_of",
    "summary_of_batch",
    "OnFailure",
    "Snooze",
    "Continue",
    "Discard",
    "Fail",
    "RetryAfter",
    "SoftTimeout",
    "LeaseLost",
    "JobCancelled",
    "Hooks",
    "JobInfo",
    "Kpi",
    "State",
    "WorkerlessError",
    "payload_key",
    "Sensitive",
    "correlated",
]

# Flow control, schedules and workflows are loaded by who has some: others start without them.
_LATE = {
    "Autoscale": "flow.autoscale",
    "Concurrency": "flow.concurrency",
    "OnConflict": "flow.concurrency",
    "Lanes": "flow.lanes",
    "PRIORITIES": "flow.lanes",
    "TIERS": "flow.lanes",
    "Priority": "priority",
    "MaxWaiting": "flow.guard",
    "WhenFull": "flow.guard",
    "Unique": "flow.unique",
    "Until": "flow.unique",
    "OnDuplicate": "flow.unique",
    "Debounce": "flow.unique",
    "RateLimit": "flow.rate",
    "Dependency": "flow.dependency",
    "Schedule": "schedule.schedule",
    "Overlap": "schedule.schedule",
    "Missed": "schedule.schedule",
    "Cron": "schedule.when",
    "Every": "schedule.when",
    "Once": "schedule.when",
    "Sensitive": "sensitive",
    "FromEventBridge": "source",
    "FromS3": "source",
    "FromSns": "source",
    "ObjectEvent": "source",
    "Workflow": "workflow.build",
    "chain": "workflow.build",
    "group": "workflow.build",
    "chord": "workflow.build",
    "step": "workflow.build",
    "result_of": "workflow.reference",
    "summary_of_batch": "workflow.reference",
    "OnFailure": "workflow.definition",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 -- only who asks for it

        return getattr(import_module(f"workerless.{_LATE[name]}"), name)
