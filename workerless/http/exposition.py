"""The figures of a stage under the names that dashboards know.

What is counted are the records that are kept: a number goes down when their time is over, so all
are gauges, whatever their names end in.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from workerless.http.desk import Desk
from workerless.http.prometheus import Family, Sample, histogram
from workerless.operations.metrics import QueueMetrics
from workerless.operations.queues import QueueStats

type Known = tuple[str, QueueStats, QueueMetrics]


def families(desk: Desk) -> Iterable[Family]:
    """All of them, for all deployed job types."""
    queues = desk.operations.queues
    seen = desk.of_each_queue(lambda name: (queues.stats(name), queues.metrics(name)))
    known = [(name, stats, metrics) for name, (stats, metrics) in seen.items()]
    yield Family(
        name="jobs_processed_total",
        kind="gauge",
        help="jobs that ended, as long as their records are kept",
        samples=tuple(
            Sample(labels={"job_name": name, "status": status}, value=count.number)
            for name, stats, _ in known
            for status, count in (("completed", stats.completed), ("failed", stats.failed))
        ),
    )
    yield _durations("job_duration_seconds", known)
    yield _durations("worker_job_duration_seconds", known)
    for where in ("waiting", "active"):
        yield Family(
            name=f"queue_lane_{where}_jobs",
            kind="gauge",
            help=f"jobs of one lane that are {where}",
            samples=tuple(
                Sample(labels={"queue_name": one, "lane": lane}, value=depth.shape()[where])
                for one, stats, _ in known
                for lane, depth in stats.lanes.items()
            ),
        )
    for name, help_text, label, count in _GAUGES:
        yield Family(
            name=name,
            kind="gauge",
            help=help_text,
            samples=tuple(Sample(labels={label: one}, value=count(s)) for one, s, _ in known),
        )


def _durations(name: str, known: Sequence[Known]) -> Family:
    return Family(
        name=name,
        kind="histogram",
        help="of the last attempts of the latest jobs, at most 1,000",
        samples=tuple(
            sample
            for job_type, _, metrics in known
            for sample in histogram(
                {"job_name": job_type}, (one / timedelta(seconds=1) for one in metrics.durations)
            )
        ),
    )


_GAUGES: tuple[tuple[str, str, str, Callable[[QueueStats], int]], ...] = (
    (
        "queue_depth",
        "jobs that may run and do not yet",
        "queue_name",
        lambda one: one.waiting.number,
    ),
    ("queue_waiting_jobs", "jobs that may run", "queue_name", lambda one: one.waiting.number),
    ("queue_active_jobs", "jobs that run", "queue_name", lambda one: one.active.number),
    ("queue_completed_jobs", "jobs completed", "queue_name", lambda one: one.completed.number),
    (
        "queue_paused",
        "1 where a pause holds all jobs",
        "queue_name",
        lambda one: int(any(pause.is_whole for pause in one.pauses)),
    ),
    ("queue_failed_jobs", "dead jobs", "queue_name", lambda one: one.failed.number),
    ("worker_active_jobs", "jobs that run", "job_name", lambda one: one.active.number),
    (
        "worker_completed_jobs_total",
        "jobs completed, as long as their records are kept",
        "job_name",
        lambda one: one.completed.number,
    ),
    (
        "worker_failed_jobs_total",
        "jobs that failed, as long as their records are kept",
        "job_name",
        lambda one: one.failed.number,
    ),
)
