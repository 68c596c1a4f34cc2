"""What fails in a job type, and what died of it."""

from collections.abc import Iterator
from dataclasses import replace

from infra.alarms.job_alarms import FUNCTION, JOBS, LETTERS
from infra.dashboards.panel import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    THIRD,
    Graph,
    Line,
    Shelf,
    curve,
)
from infra.dashboards.shown import (
    Shown,
    counted,
    failure_rate,
    milliseconds,
    of_letters,
)
from workerless import metric


def failures(shown: Shown) -> Iterator[Shelf]:
    """Failures of jobs, of attempts, of processes."""
    whose = "of the pool's function" if shown.is_pooled else "of its function"
    yield (
        Graph(
            title="Jobs that failed for good, in percent of those that ended",
            unit="percent",
            left=(failure_rate(),),
            lines=(Line(label="warning", value=5), Line(label="critical", value=10)),
            minutes=5,
            width=THIRD,
        ),
        Graph(
            title="Attempts that did not end well",
            unit="attempts",
            left=(
                counted("retried", metric.JOBS_RETRIED, ORANGE),
                counted("failed for good", metric.JOBS_FAILED, RED),
                counted("found dead (stalled)", metric.JOBS_STALLED, BLUE),
                counted("taken over (fenced)", metric.JOBS_FENCED, GREY),
            ),
            width=THIRD,
        ),
        Graph(
            title=f"Invocations {whose}: crashes, time-outs, throttles",
            unit="invocations",
            left=(
                counted("crashes and time-outs", "Errors", RED, FUNCTION),
                counted("throttled", "Throttles", ORANGE, FUNCTION),
            ),
            width=THIRD,
        ),
    )
    yield (
        Graph(
            title="The most memory a process held, in percent",
            unit="percent",
            left=(curve("memory", JOBS, metric.MEMORY_USED, "Maximum", BLUE),),
            lines=(Line(label="alarm", value=80),),
        ),
        Graph(
            title=f"How long invocations {whose} run",
            unit="ms",
            left=(
                curve("p50", FUNCTION, "Duration", "p50", GREEN),
                curve("p95", FUNCTION, "Duration", "p95", ORANGE),
                curve("longest", FUNCTION, "Duration", "Maximum", RED),
            ),
            lines=(Line(label="time limit", value=milliseconds(shown.timeout)),),
        ),
    )


def letters() -> Shelf:
    """How many, and how many more."""
    growth = of_letters("growth", LETTERS, color=RED)
    return (
        Graph(
            title="Dead letters",
            unit="letters",
            left=(of_letters("letters", LETTERS),),
            lines=(Line(label="warning", value=100),),
        ),
        Graph(
            title="How many more than five minutes before",
            unit="letters",
            left=(replace(growth, expression=f"DIFF({growth.expression})"),),
            lines=(Line(label="critical", value=50),),
            minutes=5,
        ),
    )
