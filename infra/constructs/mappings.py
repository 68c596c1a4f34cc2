"""The event source mappings of one job type: each lane's queue, and its share of concurrency."""

from typing import Any

from aws_cdk.aws_lambda import EventSourceMapping, IFunction, MetricsConfig, MetricType
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.duration import seconds
from infra.lane import Lane
from workerless.job_type import JobType


def add_mappings(
    scope: Construct, *, function: IFunction, queues: JobQueue, job_type: JobType[Any, Any]
) -> dict[Lane, EventSourceMapping]:
    """By lane.

    Their ids are the same whoever the function belongs to: a mapping that is to read for another
    one is changed, where a second one beside it would be refused.
    """
    return {
        lane: EventSourceMapping(
            scope,
            f"Mapping{lane.suffix}",
            target=function,
            event_source_arn=queue.queue_arn,
            batch_size=job_type.batch_size,
            max_batching_window=seconds(job_type.batching_window),
            # MaximumConcurrency, not reserved concurrency: the mapping waits instead of being
            # throttled, and a throttled invocation burns a receive.
            max_concurrency=lane.concurrency,
            report_batch_item_failures=True,
            metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
        )
        for lane, queue in queues.by_lane.items()
    }
