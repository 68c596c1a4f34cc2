"""Is a job type well, does it flow, and how long does it take."""

from collections.abc import Sequence

from infra.alarms.job_alarms import JOBS, LETTERS, queue_place
from infra.alarms.queue_rows import AGE, HIDDEN, VISIBLE
from infra.alarms.row import Measure
from infra.dashboards.panel import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    THIRD,
    Curve,
    Figures,
    Graph,
    Line,
    Shelf,
    curve,
)
from infra.dashboards.shown import (
    Shown,
    counted,
    each,
    failure_rate,
    labelled,
    milliseconds,
    of_letters,
    of_queue,
)
from infra.lane import Lane
from workerless import metric


def health(lanes: Sequence[Lane]) -> Shelf:
    """What to see at a glance."""
    return (
        Figures(
            title="Jobs that wait",
            curves=each(lanes, lambda lane: of_queue("waiting", lane, VISIBLE, "Maximum")),
        ),
        Figures(
            title="Jobs that run, or are between two attempts",
            curves=each(lanes, lambda lane: of_queue("taken", lane, HIDDEN, "Maximum")),
        ),
        Figures(title="Jobs that failed for good, in percent", curves=(failure_rate(),), minutes=5),
        Figures(title="Dead letters", curves=(of_letters("letters", LETTERS, color=RED),)),
    )


def flow(lanes: Sequence[Lane]) -> Shelf:
    """By what jobs tell, and by what SQS counts."""
    return (
        Graph(
            title="Jobs a minute",
            unit="jobs",
            left=(
                counted("enqueued", metric.JOBS_ENQUEUED, GREY),
                counted("started", metric.JOBS_STARTED, BLUE),
                counted("completed", metric.JOBS_COMPLETED, GREEN),
                counted("failed", metric.JOBS_FAILED, RED),
            ),
            width=THIRD,
        ),
        Graph(
            title="Messages of its queue a minute, those that come again too",
            unit="messages",
            left=(
                *each(lanes, lambda one: of_queue("sent", one, "NumberOfMessagesSent", "Sum")),
                *each(lanes, lambda one: of_queue("done", one, "NumberOfMessagesDeleted", "Sum")),
            ),
            width=THIRD,
        ),
        Graph(
            title="What waits, and how many minutes it would take to do it",
            unit="jobs",
            left=each(lanes, lambda lane: of_queue("waiting", lane, VISIBLE, "Maximum")),
            right=each(lanes, _drain),
            right_unit="minutes",
            minutes=5,
            width=THIRD,
        ),
    )


def _drain(lane: Lane) -> Curve:
    """At the pace of the last five minutes, if nothing more came."""
    waiting, done = f"waiting_{lane.name or ''}", f"done_{lane.name or ''}"
    place = queue_place(lane)
    return Curve(
        label=labelled("to do it", lane),
        measures={
            waiting: Measure(place=place, name=VISIBLE, statistic="Maximum"),
            done: Measure(place=place, name="NumberOfMessagesDeleted", statistic="Sum"),
        },
        expression=f"5 * {waiting} / {done}",
        color=GREY if lane.is_default else "",
    )


def latency(shown: Shown) -> Shelf:
    """Of jobs, as they are due and as they run; and of messages, in SQS' eyes."""
    return (
        Graph(
            title="From when a job was due to its start",
            unit="ms",
            left=_spread(metric.QUEUE_WAIT),
            width=THIRD,
        ),
        Graph(
            # Not as a line: curves would lie flat below it.
            title=f"How long attempts run (at most {milliseconds(shown.job_type.timeout):,.0f} ms)",
            unit="ms",
            left=_spread(metric.JOB_DURATION),
            width=THIRD,
        ),
        Graph(
            title="Age of the oldest message (one received three times counts no more)",
            unit="seconds",
            left=each(shown.lanes, lambda lane: of_queue("oldest", lane, AGE, "Maximum")),
            lines=(Line(label="alarm", value=shown.stale_after.total_seconds()),),
            width=THIRD,
        ),
    )


def _spread(name: str) -> tuple[Curve, ...]:
    return (
        curve("half are quicker (p50)", JOBS, name, "p50", GREEN),
        curve("p95", JOBS, name, "p95", ORANGE),
        curve("p99", JOBS, name, "p99", RED),
    )
