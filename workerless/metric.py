"""What is counted of jobs: the metrics, and which line of the log counts which. Pure.

A transition is told in one line of JSON, and its metrics ride on that line: CloudWatch reads them
out of it (`embedded metric format`_). So a line that is lost is a metric that is lost, and there is
no other place where anything is counted. ``docs/metrics.md`` has the same table for people.

.. _embedded metric format:
   https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from functools import lru_cache

NAMESPACE = "Workerless"
# The stage's service, ``workerless-<stage>``, and the job type: members of the line itself. Each
# set of values makes a metric that is paid for, so nothing of which there are many is among them.
SERVICE, JOB_TYPE = DIMENSIONS = ("service", "job_type")

JOBS_ENQUEUED = "JobsEnqueued"
JOBS_STARTED = "JobsStarted"
JOBS_COMPLETED = "JobsCompleted"
JOBS_RETRIED = "JobsRetried"
JOBS_FAILED = "JobsFailed"
JOBS_DEFERRED = "JobsDeferred"
JOBS_FENCED = "JobsFenced"
JOBS_STALLED = "JobsStalled"
JOBS_CONTINUED = "JobsContinued"
JOB_DURATION = "JobDuration"
QUEUE_WAIT = "QueueWait"
JOB_ATTEMPTS = "JobAttempts"
MEMORY_USED = "MemoryUsed"
SCHEDULES_MISSED = "SchedulesMissed"
QUEUE_PAUSED = "QueuePaused"

COUNT, MILLISECONDS, PERCENT = "Count", "Milliseconds", "Percent"
UNITS: Mapping[str, str] = {
    JOBS_ENQUEUED: COUNT,
    JOBS_STARTED: COUNT,
    JOBS_COMPLETED: COUNT,
    JOBS_RETRIED: COUNT,
    JOBS_FAILED: COUNT,
    JOBS_DEFERRED: COUNT,
    JOBS_FENCED: COUNT,
    JOBS_STALLED: COUNT,
    JOBS_CONTINUED: COUNT,
    JOB_DURATION: MILLISECONDS,
    QUEUE_WAIT: MILLISECONDS,
    JOB_ATTEMPTS: COUNT,
    MEMORY_USED: PERCENT,
    SCHEDULES_MISSED: COUNT,
    QUEUE_PAUSED: COUNT,
}

ENQUEUED = "jobs.enqueued"
_OF_AN_ATTEMPT = (JOB_DURATION, MEMORY_USED)
_OF_AN_END = (JOB_DURATION, JOB_ATTEMPTS, MEMORY_USED)
# By the line's event. What is not here counts nothing: a duplicate ran elsewhere, a job that is
# held or called off has neither succeeded nor failed.
COUNTED: Mapping[str, tuple[str, ...]] = {
    ENQUEUED: (JOBS_ENQUEUED,),
    "schedule.started": (JOBS_ENQUEUED,),
    "job.started": (JOBS_STARTED, QUEUE_WAIT),
    "job.completed": (JOBS_COMPLETED, *_OF_AN_END),
    "job.failed": (JOBS_FAILED, *_OF_AN_END),
    "job.discarded": _OF_AN_ATTEMPT,
    "job.retried": (JOBS_RETRIED, *_OF_AN_ATTEMPT),
    "job.continued": (JOBS_CONTINUED, *_OF_AN_ATTEMPT),
    "job.snoozed": (JOBS_DEFERRED,),
    "job.deferred": (JOBS_DEFERRED,),
    "job.waiting": (JOBS_DEFERRED,),
    "job.awaiting": (JOBS_DEFERRED,),
    "job.fenced": (JOBS_FENCED,),
    "job.stalled": (JOBS_STALLED,),
    "job.lost": (JOBS_FAILED, JOB_ATTEMPTS),
    "schedule.missed": (SCHEDULES_MISSED,),
    "queue.paused": (QUEUE_PAUSED,),
}
# What is measured, and in which field of the line. Of enqueued jobs it tells how many there are.
_FIELDS: Mapping[str, str] = {
    JOBS_ENQUEUED: "jobs",
    JOB_DURATION: "duration_ms",
    QUEUE_WAIT: "wait_ms",
    JOB_ATTEMPTS: "attempt",
}
# Memory is told now and then, by whoever writes the line.
_MEASURED = {JOB_DURATION, QUEUE_WAIT, JOB_ATTEMPTS, MEMORY_USED}
# By event: what counts one unless the line says otherwise, and where it may say something.
_PLANS: Mapping[object, tuple[dict[str, float], tuple[tuple[str, str], ...]]] = {
    event: (
        dict.fromkeys([name for name in names if name not in _MEASURED], 1),
        tuple((name, _FIELDS[name]) for name in names if name in _FIELDS),
    )
    for event, names in COUNTED.items()
}


def service(stage: str) -> str:
    """The first dimension."""
    return f"workerless-{stage}"


def values(fields: Mapping[str, str | float | None]) -> dict[str, float]:
    """What a line counts, by metric; a measurement that the line does not hold is left out."""
    plan = _PLANS.get(fields.get("event"))
    if plan is None:
        return {}
    found = {**plan[0]}
    for name, field in plan[1]:
        value = fields.get(field)
        if value is not None:
            found[name] = value  # type: ignore[assignment]  # these fields hold numbers
    return found


def enqueued(service: str, job_type: str, jobs: int, *, now_ms: int) -> str:
    """A line of JSON for jobs that were enqueued together."""
    fields = {"message": ENQUEUED, SERVICE: service, JOB_TYPE: job_type, "jobs": jobs}
    text = json.dumps({"level": "INFO", **fields, JOBS_ENQUEUED: jobs}, separators=(",", ":"))
    return f"{text[:-1]},{directive((JOBS_ENQUEUED,), now_ms)}}}"


def directive(names: tuple[str, ...], now_ms: int) -> str:
    """The member ``_aws`` of a line of JSON that has these metrics, and the dimensions, as members.

    ``now_ms`` are milliseconds since 1970.
    """
    return f'"_aws":{{"Timestamp":{now_ms},{_metrics(names)}}}'


@lru_cache(maxsize=64)
def _metrics(names: tuple[str, ...]) -> str:
    told = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [DIMENSIONS],
            "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in names],
        }
    ]
    return f'"CloudWatchMetrics":{json.dumps(told, separators=(",", ":"))}'
