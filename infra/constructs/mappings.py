"""The event source mappings of one job type: each lane's queue, and its share of concurrency."""

from collections.abc import Iterable
from typing import Any

from aws_cdk.aws_lambda import (
    CfnEventSourceMapping,
    EventSourceMapping,
    IFunction,
    MetricsConfig,
    MetricType,
    ProvisionedPollerConfig,
)
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.constructs.live import call_by_arn
from infra.duration import seconds
from infra.lane import Lane
from infra.settings import Stage
from workerless.job_type import JobType


def add_mappings(
    scope: Construct,
    *,
    function: IFunction,
    queues: JobQueue,
    job_type: JobType[Any, Any],
    stage: Stage,
) -> dict[Lane, EventSourceMapping]:
    """By lane. ``function`` is an alias.

    Their ids are the same whoever the function belongs to: a mapping that is to read for another
    one is changed, where a second one beside it would be refused.
    """
    pollers, scale = stage.pollers_of(job_type), stage.scale_of(job_type)
    made = {
        lane: EventSourceMapping(
            scope,
            f"Mapping{lane.suffix}",
            target=function,
            event_source_arn=queue.queue_arn,
            batch_size=job_type.batch_size,
            max_batching_window=seconds(job_type.batching_window),
            # MaximumConcurrency, not reserved concurrency: the mapping waits instead of being
            # throttled, and a throttled invocation burns a receive. Pollers are a bound of their
            # own, and Lambda takes one of the two.
            max_concurrency=None
            if pollers
            # It begins with the least. Were that no other than without it, a deployment that takes
            # the rule away would leave the bound wherever it was.
            else (scale.least if scale else lane.concurrency),
            provisioned_poller_config=None
            if pollers is None
            else ProvisionedPollerConfig(
                minimum_pollers=pollers.least, maximum_pollers=pollers.most
            ),
            report_batch_item_failures=True,
            metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
        )
        for lane, queue in queues.by_lane.items()
    }
    for mapping in made.values():
        call_by_arn(mapping, function)
    return made


def keep_off(mappings: Iterable[EventSourceMapping]) -> None:
    """Have a deployment switch them off: their job type's messages are polled by containers."""
    for mapping in mappings:
        if isinstance(resource := mapping.node.default_child, CfnEventSourceMapping):
            resource.enabled = False
