"""Queues: how many jobs are where, how each job type is doing, pause and resume."""

from workerless.flow.settings import Pause
from workerless.http.desk import Desk
from workerless.http.shape_of_queue import (
    LaneRow,
    PauseShape,
    Pausing,
    QueueList,
    QueueMetricsShape,
    QueueRow,
    Resuming,
)
from workerless.operations.queues import QueueStats

_TAGS = ["queues"]


def add(desk: Desk) -> None:
    """Adds ``/queues`` and the routes about one of them."""
    _add_looks(desk)
    _add_pauses(desk)


def _add_looks(desk: Desk) -> None:

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


def _add_pauses(desk: Desk) -> None:
    @desk.app.post("/queues/<job_type>/pause", operation_id="pauseQueue", tags=_TAGS)
    def pause(job_type: str, wanted: Pausing) -> PauseShape:
        """Have no job of a type start, of one lane or of one tenant; those that run go on."""
        done = desk.operations.flow.pause(
            job_type,
            why=wanted.why,
            until=wanted.until,
            lane=wanted.lane,
            tenant=wanted.tenant,
        )
        return pause_shape(done)

    @desk.app.post("/queues/<job_type>/resume", operation_id="resumeQueue", tags=_TAGS)
    def resume(job_type: str, wanted: Resuming | None = None) -> PauseShape:
        """End a pause; the pause that it was."""
        wanted = wanted or Resuming()
        ended = desk.operations.flow.resume(
            job_type, why=wanted.why, lane=wanted.lane, tenant=wanted.tenant
        )
        return pause_shape(ended)


def pause_shape(pause: Pause) -> PauseShape:
    """A pause over HTTP."""
    return PauseShape.model_validate(pause.shape())


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
        paused=[pause_shape(pause) for pause in stats.pauses],
        at_least=[state for state, count in counts.items() if count.at_least],
        lanes={lane: LaneRow(**depth.shape()) for lane, depth in stats.lanes.items()},
        **{state: count.number for state, count in counts.items()},
    )
