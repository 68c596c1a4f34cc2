"""Queues: how many jobs are where, and how each job type is doing."""

from workerless.http.desk import Desk
from workerless.http.shape_of_queue import QueueList, QueueMetricsShape, QueueRow
from workerless.operations.queues import QueueStats

_TAGS = ["queues"]


def add(desk: Desk) -> None:
    """Adds ``/queues`` and ``/queues/{job_type}/metrics``."""

    @desk.app.get("/queues", operation_id="listQueues", tags=_TAGS)
    def list_queues() -> QueueList:
        """Every deployed job type, with how many jobs are where."""
        counted = desk.of_each_queue(desk.operations.queues.stats)
        return QueueList(queues=[queue_row(name, stats) for name, stats in counted.items()])

    @desk.app.get("/queues/<job_type>/metrics", operation_id="getQueueMetrics", tags=_TAGS)
    def metrics(job_type: str) -> QueueMetricsShape:
        """Latency, waits, throughput and errors of one job type, from its latest jobs."""
        name, queues = desk.queue(job_type), desk.operations.queues
        counts = queue_row(name, queues.stats(name))
        return QueueMetricsShape.model_validate(
            {"queue": name, "counts": counts, **queues.metrics(name).shape()}
        )


def queue_row(name: str, stats: QueueStats) -> QueueRow:
    """The figures of one job type."""
    counts = {
        "waiting": stats.waiting,
        "active": stats.active,
        "delayed": stats.delayed,
        "completed": stats.completed,
        "failed": stats.failed,
    }
    return QueueRow(
        name=name,
        at_least=[state for state, count in counts.items() if count.at_least],
        **{state: count.number for state, count in counts.items()},
    )
