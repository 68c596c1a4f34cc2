"""One page about a job type: is it well, does it flow, how long does it take, what died."""

from collections.abc import Callable
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import (
    AlarmStatusWidget,
    Color,
    Dashboard,
    GraphWidget,
    HorizontalAnnotation,
    IMetric,
    IWidget,
    Metric,
    SingleValueWidget,
    Stats,
    TextWidget,
)
from aws_cdk.aws_sqs import Queue
from constructs import Construct

from infra.alarms.job_alarms import JobAlarms
from infra.constructs.job_queue import JobQueue
from infra.constructs.pooled_worker import PooledWorker
from infra.constructs.worker_function import OwnWorker
from infra.lane import Lane, lanes_of
from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType

type Worker = OwnWorker | PooledWorker

_MINUTE = Duration.minutes(1)
_WHOLE, _HALF, _QUARTER = 24, 12, 6


class JobDashboard(Construct):
    """Read from the top: the text says what it is, each row below answers one question."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        queues: JobQueue,
        worker: Worker,
        alarms: JobAlarms,
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = Dashboard(
            self,
            "Dashboard",
            dashboard_name=naming.resource(stage.name, job_type.name),
            default_interval=Duration.hours(3),
        )
        dashboard.add_widgets(_introduction(job_type, stage))
        dashboard.add_widgets(*_health(queues, alarms))
        dashboard.add_widgets(*_flow(queues, worker))
        dashboard.add_widgets(*_latency(job_type, queues, worker, alarms))
        dashboard.add_widgets(*_dead_letters(queues, worker))


def _introduction(job_type: JobType[Any, Any], stage: Stage) -> IWidget:
    runbook = f"[{job_type.runbook}]({job_type.runbook})" if job_type.runbook else "none yet"
    text = (
        f"# {job_type.name} ({stage.name})\n{job_type.description}\n\n"
        f"Owner: **{job_type.owner or 'nobody yet'}** · Runbook: {runbook}\n\n"
        f"Up to {job_type.retry.attempts} attempts of at most {job_type.timeout}, "
        f"{_at_once(job_type, stage)} invocations at once, "
        f"{job_type.batch_size} jobs each."
    )
    return TextWidget(markdown=text, width=_WHOLE, height=4)


def _at_once(job_type: JobType[Any, Any], stage: Stage) -> str:
    """In all, and each lane's share."""
    lanes = lanes_of(job_type, stage)
    shares = ", ".join(f"{lane.name} {lane.concurrency}" for lane in lanes if lane.name)
    return f"{sum(lane.concurrency for lane in lanes)}{shares and f' ({shares})'}"


def _each_lane(queues: JobQueue, metric: Callable[[Queue], Metric]) -> list[IMetric]:
    """A metric of the queues, labelled where there are several."""
    return [
        metric(queue).with_(label=lane.name) if lane.name else metric(queue)
        for lane, queue in queues.by_lane.items()
    ]


def _health(queues: JobQueue, alarms: JobAlarms) -> list[IWidget]:
    waiting = _each_lane(
        queues, lambda one: one.metric_approximate_number_of_messages_visible(period=_MINUTE)
    )
    running = _each_lane(
        queues, lambda one: one.metric_approximate_number_of_messages_not_visible(period=_MINUTE)
    )
    died = queues.dead_letters.metric_approximate_number_of_messages_visible(period=_MINUTE)
    shown = [AlarmStatusWidget(title="Alarms", alarms=alarms.shown, width=_QUARTER, height=4)]
    return [
        *(shown if alarms.shown else []),
        SingleValueWidget(title="Jobs waiting", metrics=waiting, width=_QUARTER, height=4),
        SingleValueWidget(
            title="Jobs running or between attempts", metrics=running, width=_QUARTER, height=4
        ),
        SingleValueWidget(title="Dead letters", metrics=[died], width=_QUARTER, height=4),
    ]


def _flow(queues: JobQueue, worker: Worker) -> list[IWidget]:
    return [
        GraphWidget(
            title="Messages a minute: in and done",
            left=[
                metric
                for lane, queue in queues.by_lane.items()
                for metric in (
                    queue.metric_number_of_messages_sent(
                        period=_MINUTE, label=_labelled("sent", lane)
                    ),
                    queue.metric_number_of_messages_deleted(
                        period=_MINUTE, label=_labelled("done", lane)
                    ),
                )
            ],
            width=_HALF,
        ),
        GraphWidget(
            title="Lambda's side: batches that brought work back, crashes, concurrency",
            left=[
                *_mapping_metrics(worker, "FailedInvokeEventCount", "brought back"),
                worker.function.metric_errors(period=_MINUTE, label="crashes and timeouts"),
                worker.function.metric_throttles(period=_MINUTE, label="throttles"),
            ],
            right=[_concurrency(worker)],
            width=_HALF,
        ),
    ]


def _latency(
    job_type: JobType[Any, Any], queues: JobQueue, worker: Worker, alarms: JobAlarms
) -> list[IWidget]:
    ages = [
        queue.metric_approximate_age_of_oldest_message(
            period=_MINUTE, statistic=Stats.MAXIMUM, label=_labelled("oldest job", lane)
        )
        for lane, queue in queues.by_lane.items()
    ]
    durations = [
        worker.function.metric_duration(period=_MINUTE, statistic=statistic, label=label)
        for statistic, label in ((Stats.p(50), "p50"), (Stats.p(95), "p95"), (Stats.MAXIMUM, "max"))
    ]
    return [
        GraphWidget(
            title="Age of the oldest job (s)",
            left=ages,
            left_annotations=[_line("alarm", alarms.stale_after.total_seconds())],
            width=_HALF,
        ),
        GraphWidget(
            title="Duration of an invocation (ms)",
            left=durations,
            left_annotations=[_line("timeout", job_type.function_timeout.total_seconds() * 1_000)],
            width=_HALF,
        ),
    ]


def _dead_letters(queues: JobQueue, worker: Worker) -> list[IWidget]:
    dead = queues.dead_letters
    return [
        GraphWidget(
            title="Dead letters",
            left=[
                dead.metric_approximate_number_of_messages_visible(
                    period=_MINUTE, statistic=Stats.MAXIMUM, label="waiting for somebody"
                )
            ],
            left_annotations=[_line("alarm", 0)],
            width=_HALF,
        ),
        GraphWidget(
            title="Events the mapping polled and invoked with (none at all: it is stopped)",
            left=[
                *_mapping_metrics(worker, "PolledEventCount", "polled"),
                *_mapping_metrics(worker, "InvokedEventCount", "invoked"),
            ],
            width=_HALF,
        ),
    ]


def _labelled(label: str, lane: Lane) -> str:
    return f"{label}: {lane.name}" if lane.name else label


def _mapping_metrics(worker: Worker, name: str, label: str) -> list[IMetric]:
    return [
        Metric(
            namespace="AWS/Lambda",
            metric_name=name,
            dimensions_map={"EventSourceMappingUUID": mapping.event_source_mapping_id},
            period=_MINUTE,
            statistic=Stats.SUM,
            label=_labelled(label, lane),
        )
        for lane, mapping in worker.mappings.items()
    ]


def _concurrency(worker: Worker) -> Metric:
    return worker.function.metric(
        "ConcurrentExecutions", period=_MINUTE, statistic=Stats.MAXIMUM, label="at once"
    )


def _line(label: str, value: float) -> HorizontalAnnotation:
    return HorizontalAnnotation(label=label, value=value, color=Color.RED)
