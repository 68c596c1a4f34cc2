"""What holds jobs back, what begins them by itself, and what they cost."""

from collections.abc import Sequence

from infra.alarms.job_alarms import FUNCTION, JOBS, pause_place
from infra.alarms.paused_lanes import LANE_PAUSED
from infra.dashboards.panel import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    THIRD,
    Figures,
    Graph,
    Line,
    Shelf,
    curve,
)
from infra.dashboards.shown import (
    Shown,
    counted,
    dollars_of_lambda,
    each,
    labelled,
    of_mapping,
    of_queue,
)
from infra.lane import Lane
from workerless import metric

_HOUR = 60


def control(lanes: Sequence[Lane]) -> Shelf:
    """What waits on purpose, and how many may run."""
    most = sum(lane.concurrency for lane in lanes)
    return (
        Graph(
            title="Jobs held back, and minutes of a pause",
            unit="times",
            left=(
                counted("went back to wait (limits, pauses, snoozes)", metric.JOBS_DEFERRED, BLUE),
                counted("paused", metric.QUEUE_PAUSED, ORANGE),
                *each(
                    [lane for lane in lanes if lane.name],
                    lambda one: curve(
                        labelled("paused", one), pause_place(one), LANE_PAUSED, "Sum"
                    ),
                ),
                counted("long jobs that went on", metric.JOBS_CONTINUED, GREEN),
            ),
            width=THIRD,
        ),
        Graph(
            title="Invocations at once",
            unit="invocations",
            left=(curve("at once", FUNCTION, "ConcurrentExecutions", "Maximum", BLUE),),
            lines=(Line(label="its share", value=most),),
            width=THIRD,
        ),
        Graph(
            title="What its mapping does (no curve at all: it is stopped)",
            unit="messages",
            left=(
                *each(lanes, lambda one: of_mapping("polled", one, "PolledEventCount")),
                *each(lanes, lambda one: of_mapping("invoked", one, "InvokedEventCount")),
                *each(lanes, lambda one: of_mapping("came back", one, "FailedInvokeEventCount")),
            ),
            width=THIRD,
        ),
    )


def schedules() -> Shelf:
    """Those that are declared."""
    return (
        Graph(
            title="Ticks that did not come in time",
            unit="decisions",
            left=(counted("missed", metric.SCHEDULES_MISSED, RED),),
        ),
    )


def cost(shown: Shown) -> Shelf:
    """In dollars where what is counted has a price, else in what is paid for."""
    return (
        Graph(
            title="Lambda" + (", of the whole pool" if shown.is_pooled else ""),
            unit="dollars",
            left=(dollars_of_lambda("dollars", FUNCTION, shown.memory_mb),),
            right=(counted("invocations", "Invocations", "", FUNCTION),),
            right_unit="invocations",
            minutes=_HOUR,
            width=THIRD,
        ),
        Graph(
            title="SQS: messages sent, received, deleted, and polls in vain",
            unit="calls and messages",
            left=tuple(
                of_queue(label, lane, name, "Sum")
                for lane in shown.lanes
                for label, name in (
                    ("sent", "NumberOfMessagesSent"),
                    ("received", "NumberOfMessagesReceived"),
                    ("deleted", "NumberOfMessagesDeleted"),
                    ("in vain", "NumberOfEmptyReceives"),
                )
            ),
            minutes=_HOUR,
            width=THIRD,
        ),
        Figures(
            title="Attempts for each job that ended",
            curves=(curve("attempts", JOBS, metric.JOB_ATTEMPTS, "Average"),),
            minutes=_HOUR,
            height=6,
            width=THIRD,
        ),
    )
