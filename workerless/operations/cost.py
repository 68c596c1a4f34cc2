"""What a stage costs in a month, from counted calls and a list of prices. Pure.

``tests/budgets`` counts what a job takes, ``tests/infra`` what is deployed: they hold the figures
here. Left out is what depends on the jobs themselves: files, traffic, how long records are kept,
and the services that handlers call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from workerless import metric
from workerless.operations import pricing
from workerless.tracking import Tracking

_MINUTES = 30 * 24 * 60
_GIB = 1024**3
_FEW = 100
# A call of SQS takes ten messages.
_SQS_BATCH = 10
# Lambda waits 20 s in each of five long polls of an idle queue.
_POLLS_A_MINUTE = 15
# The sweeper, once a minute: its memory and time, and what it reads and writes of an idle stage.
_SWEEP_SECONDS, _SWEEP_GB = 1, 0.25
SWEEP_READ_UNITS, SWEEP_WRITE_UNITS = 30, 2
# By function, and again by its version.
_INSIGHTS_METRICS = 16

WRITE_UNITS: Mapping[Tracking, int] = {Tracking.FULL: 6, Tracking.LEAN: 4, Tracking.OFF: 0}
# An error with its traceback takes the record into its third kilobyte; lean ones enter an index.
RETRY_WRITE_UNITS: Mapping[Tracking, int] = {Tracking.FULL: 5, Tracking.LEAN: 6, Tracking.OFF: 0}
# Of the two lines of an attempt, with what CloudWatch adds to each; and Lambda's own of a call.
ATTEMPT_LOG_BYTES, CALL_LOG_BYTES = 1_600, 350


class Profile(StrEnum):
    """Which alarms a stage has: ``Stage.alarms``, as people write it."""

    NONE = "none"
    BASIC = "basic"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What stands in a stage: metrics that alarms read, composites, dashboards, more metrics."""

    alarm_metrics: int = 0
    composites: int = 0
    dashboards: int = 0
    metrics: int = 0


# For a job type without lanes and schedules, and for what all share.
EACH_JOB_TYPE: Mapping[Profile, Deployed] = {
    Profile.NONE: Deployed(dashboards=1),
    Profile.BASIC: Deployed(alarm_metrics=7, dashboards=1),
    # A worker that is released gradually, too.
    Profile.FULL: Deployed(alarm_metrics=26, composites=1, dashboards=1, metrics=3),
}
SHARED: Mapping[Profile, Deployed] = {
    Profile.NONE: Deployed(metrics=3, dashboards=1),
    Profile.BASIC: Deployed(alarm_metrics=12, metrics=3, dashboards=1),
    Profile.FULL: Deployed(alarm_metrics=12, metrics=3, dashboards=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A month of a stage. ``retries`` are those of a job on average; ``alarms`` is the profile.

    ``in_bulk`` tells whether jobs are enqueued ten and more at a time. ``pollers`` are the least of
    all job types that have their own, ``insights`` the functions with Lambda Insights.
    """

    jobs: int
    job_types: int = 1
    tracking: Tracking = Tracking.FULL
    alarms: Profile = Profile.FULL
    batch_size: int = 10
    duration: timedelta = timedelta(milliseconds=200)
    memory_mb: int = 256
    retries: float = 0.0
    in_bulk: bool = True
    pollers: int = 0
    insights: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Dollars for one thing, and what it is made of. ``is_of_jobs``: no jobs, none of it."""

    name: str
    dollars: float
    of: str
    is_of_jobs: bool = False


def parts_of(load: Workload) -> list[Part]:
    """The parts of a month's bill: first what jobs take, then what stands there."""
    return [*_jobs(load), *_standing(load), *_wanted(load)]


def _jobs(load: Workload) -> list[Part]:
    attempts = load.jobs * (1 + load.retries)
    calls = attempts / load.batch_size
    at_once = min(load.batch_size, _SQS_BATCH)
    requests = (
        load.jobs * (1 / _SQS_BATCH if load.in_bulk else 1)  # sent
        + attempts / at_once  # received
        + load.jobs / at_once  # deleted
        + load.jobs * load.retries / at_once  # hidden until the next attempt
    )
    writes = load.jobs * (
        WRITE_UNITS[load.tracking] + load.retries * RETRY_WRITE_UNITS[load.tracking]
    )
    gb_seconds = attempts * load.duration.total_seconds() * load.memory_mb / 1024
    log_gb = (attempts * ATTEMPT_LOG_BYTES + calls * CALL_LOG_BYTES) / _GIB
    parts = [
        _part("requests of SQS", requests, pricing.SQS_REQUEST, "requests"),
        _part("writes of records", writes, pricing.DYNAMODB_WRITE_UNIT, "write units"),
        _part("calls of Lambda", calls, pricing.LAMBDA_CALL, "calls"),
        _part("time in Lambda", gb_seconds, pricing.LAMBDA_GB_SECOND, "GB seconds"),
        _part("logs", log_gb, pricing.LOG_GB, "GB"),
    ]
    return [replace(part, is_of_jobs=True) for part in parts]


def _standing(load: Workload) -> list[Part]:
    each, shared = EACH_JOB_TYPE[load.alarms], SHARED[load.alarms]
    types = load.job_types
    metrics = types * (len(metric.UNITS) + each.metrics) + shared.metrics
    alarms = types * each.alarm_metrics + shared.alarm_metrics
    composites = types * each.composites + shared.composites
    dashboards = types * each.dashboards + shared.dashboards
    # A queue of each job type, and a look of the sweeper at its dead letters.
    polls = types * _MINUTES * (_POLLS_A_MINUTE + 1)
    return [
        _part("idle queues", polls, pricing.SQS_REQUEST, "requests"),
        Part(name="sweeper", dollars=_sweeper(), of=f"{_MINUTES:,} runs"),
        _part("metrics, at most", metrics, pricing.METRIC, "metrics"),
        _part("alarms", alarms, pricing.ALARM, "metrics watched"),
        _part("composite alarms", composites, pricing.COMPOSITE_ALARM, "alarms"),
        _part("dashboards", dashboards, pricing.DASHBOARD, "dashboards"),
    ]


def _wanted(load: Workload) -> Iterator[Part]:
    """What a stage may have, and mostly has not."""
    if load.pollers:
        hours = load.pollers * _MINUTES / 60
        yield _part("pollers", hours, pricing.POLLER_HOUR, "poller hours")
    if load.insights:
        metrics = load.insights * _INSIGHTS_METRICS
        yield _part("Lambda Insights", metrics, pricing.METRIC, "metrics")


def _sweeper() -> float:
    return _MINUTES * (
        pricing.LAMBDA_CALL
        + pricing.SCHEDULER_CALL
        + _SWEEP_SECONDS * _SWEEP_GB * pricing.LAMBDA_GB_SECOND
        + SWEEP_READ_UNITS * pricing.DYNAMODB_READ_UNIT
        + SWEEP_WRITE_UNITS * pricing.DYNAMODB_WRITE_UNIT
    )


def _part(name: str, number: float, price: float, what: str) -> Part:
    shown = f"{number:,.0f}" if number >= _FEW else f"{number:,.3g}"
    return Part(name=name, dollars=number * price, of=f"{shown} {what}")
