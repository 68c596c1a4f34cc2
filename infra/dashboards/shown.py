"""What there is to show of a job type, and the curves that many panels are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infra.alarms.job_alarms import JOBS, mapping_place, queue_place
from infra.alarms.queue_rows import HIDDEN, VISIBLE
from infra.alarms.row import Measure
from infra.dashboards.panel import RED, Curve, curve
from infra.lane import Lane
from workerless import metric
from workerless.job_type import JobType
from workerless.operations import pricing

COST = f"Cost, by the hour at prices of {pricing.REGION} (`workerless cost` has the whole bill)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What there is to show of a job type.

    ``function`` is its name, whose ``memory_mb`` and ``timeout`` stand here.
    ``stale_after`` is the age of a message at which an alarm rings; ``is_pooled`` tells that others
    run in the same function.
    """

    job_type: JobType[Any, Any]
    function: str
    lanes: Sequence[Lane]
    stale_after: timedelta
    timeout: timedelta
    memory_mb: int
    is_pooled: bool


def counted(label: str, name: str, color: str = "", place: str = JOBS) -> Curve:
    """How often something happened to jobs."""
    return curve(label, place, name, "Sum", color)


def failure_rate(place: str = JOBS) -> Curve:
    """Of jobs that ended; without the alarm's guard, since people see how few they are."""
    return Curve(
        label="failed for good",
        measures={
            "failed": Measure(place=place, name=metric.JOBS_FAILED, statistic="Sum"),
            "ended": Measure(place=place, name=metric.JOB_ATTEMPTS, statistic="SampleCount"),
        },
        expression="100 * FILL(failed, 0) / ended",
        color=RED,
    )


def dollars_of_lambda(label: str, place: str, memory_mb: int, number: str = "") -> Curve:
    """What the calls of a function cost, and the time they took. ``number`` tells ids apart."""
    spent, calls = f"spent{number}", f"calls{number}"
    per_ms = memory_mb / 1024 / 1000 * pricing.LAMBDA_GB_SECOND
    return Curve(
        label=label,
        measures={
            spent: Measure(place=place, name="Duration", statistic="Sum"),
            calls: Measure(place=place, name="Invocations", statistic="Sum"),
        },
        expression=f"{spent} * {per_ms:.15f} + {calls} * {pricing.LAMBDA_CALL:.9f}",
    )


def each(lanes: Sequence[Lane], made: Callable[[Lane], Curve]) -> tuple[Curve, ...]:
    """A curve for each lane."""
    return tuple(made(lane) for lane in lanes)


def of_queue(label: str, lane: Lane, name: str, statistic: str) -> Curve:
    """What SQS counts of a lane's queue."""
    return curve(labelled(label, lane), queue_place(lane), name, statistic)


def of_letters(label: str, place: str, *, color: str = "", number: str = "") -> Curve:
    """All of a queue, hidden ones too: the sweeper hides those that it looked at.

    ``number`` tells ids apart.
    """
    # Short, since an expression over all job types may have 2,048 characters.
    seen, hidden = f"v{number}", f"h{number}"
    return Curve(
        label=label,
        measures={
            seen: Measure(place=place, name=VISIBLE, statistic="Average"),
            hidden: Measure(place=place, name=HIDDEN, statistic="Average"),
        },
        expression=f"{seen} + {hidden}",
        color=color,
    )


def of_mapping(label: str, lane: Lane, name: str) -> Curve:
    """What Lambda counts of the mapping that reads it."""
    return curve(labelled(label, lane), mapping_place(lane), name, "Sum")


def labelled(label: str, lane: Lane) -> str:
    """With the name of the lane, where there are several."""
    return f"{label}: {lane.name}" if lane.name else label


def milliseconds(time: timedelta) -> float:
    """As metrics have times."""
    return time.total_seconds() * 1_000
