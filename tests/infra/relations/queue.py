"""Relations between a queue, its dead letters, its mapping and its function."""

from collections.abc import Iterator

from tests.infra.cloud import MAPPING, Cloud, Properties, Template, target, text
from workerless import limits


def at_once(mapping: Properties, unbounded: int) -> int:
    """How many invocations a mapping may have; ``unbounded`` where nothing says."""
    pollers = mapping.get("ProvisionedPollerConfig", {}).get("MaximumPollers")
    if pollers is not None:
        return int(pollers) * limits.INVOCATIONS_OF_A_POLLER
    return int(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", unbounded))


def sources(cloud: Cloud) -> Iterator[tuple[Template, str, Properties]]:
    """The queues that functions read."""
    for template, _, mapping in cloud.each(MAPPING):
        logical_id = target(mapping["EventSourceArn"])
        yield template, logical_id, template.properties(mapping["EventSourceArn"])


def dead_letters(cloud: Cloud) -> Iterator[tuple[Template, str, Properties, Properties]]:
    """The dead-letter queues, each with the queue it serves."""
    for template, _, queue in sources(cloud):
        arn = queue.get("RedrivePolicy", {}).get("deadLetterTargetArn")
        if arn:
            yield template, target(arn), template.properties(arn), queue


def visibility_covers_six_timeouts_and_the_window(cloud: Cloud) -> Iterator[str]:
    for template, name, mapping in cloud.each(MAPPING):
        queue = template.properties(mapping["EventSourceArn"])
        stack, function = cloud.function_of(template, mapping)
        timeout = stack.resource(function)["Properties"].get("Timeout", 3)
        needed = 6 * timeout + mapping.get("MaximumBatchingWindowInSeconds", 0)
        if queue.get("VisibilityTimeout", 30) < needed:
            yield f"{name}: visibility must be at least {needed}"


def fuse_is_longer_than_the_attempts(cloud: Cloud) -> Iterator[str]:
    for _, name, queue in sources(cloud):
        job_type = cloud.declared(queue)
        attempts = job_type.retry.attempts if job_type else 1
        if queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < attempts + 5:
            yield f"{name}: maxReceiveCount must be at least {attempts + 5}"


def failures_are_reported_by_item(cloud: Cloud) -> Iterator[str]:
    for _, name, mapping in cloud.each(MAPPING):
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: one failed job would bring back its whole batch"


def large_batches_have_a_window(cloud: Cloud) -> Iterator[str]:
    for _, name, mapping in cloud.each(MAPPING):
        large = mapping.get("BatchSize", 10) > limits.BATCH_WITHOUT_WINDOW
        if large and mapping.get("MaximumBatchingWindowInSeconds", 0) < 1:
            yield f"{name}: a batch of more than 10 needs a window of 1 s"


def every_source_has_dead_letters(cloud: Cloud) -> Iterator[str]:
    for _, name, queue in sources(cloud):
        if "RedrivePolicy" not in queue:
            yield f"{name}: no dead-letter queue"


def dead_letters_outlive_the_queue(cloud: Cloud) -> Iterator[str]:
    for _, name, dead, queue in dead_letters(cloud):
        four_days = 345_600
        kept = dead.get("MessageRetentionPeriod", four_days)
        longest = limits.DEAD_LETTER_RETENTION.total_seconds()
        if kept != longest or queue.get("MessageRetentionPeriod", four_days) > four_days:
            yield f"{name}: 14 days for dead letters, at most 4 for the queue"


def dead_letters_serve_the_queues_of_one_job_type(cloud: Cloud) -> Iterator[str]:
    served: dict[tuple[str, str], set[str]] = {}
    for template, name, _, queue in dead_letters(cloud):
        served.setdefault((template.name, name), set()).add(queue["QueueName"])
    for template, name, dead, _ in dead_letters(cloud):
        allowed = dead.get("RedriveAllowPolicy", {})
        arns = {text(arn).rpartition(":")[2] for arn in allowed.get("sourceQueueArns", [])}
        if allowed.get("redrivePermission") != "byQueue" or arns != served[template.name, name]:
            yield f"{name}: redrive must be allowed to its own queues only"


def lanes_share_the_declared_concurrency(cloud: Cloud) -> Iterator[str]:
    shares: dict[str, int] = {}
    for template, _, mapping in cloud.each(MAPPING):
        owner = cloud.declared(template.properties(mapping["EventSourceArn"]))
        share = at_once(mapping, 0)
        if owner:
            shares[owner.name] = shares.get(owner.name, 0) + share
    for job_type in cloud.job_types:
        lowest = job_type.lanes.least_concurrency if job_type.lanes else 0
        wanted = max(cloud.stage.concurrency(job_type.concurrency), lowest)
        if scale := cloud.stage.scale_of(job_type):
            wanted = scale.least
        got = shares.get(job_type.name, 0)
        may_be_less = cloud.stage.pollers_of(job_type) is not None
        if got != wanted and not (may_be_less and 0 < got < wanted):
            yield f"{job_type.name}: its mappings share {got}, not {wanted}"


def reserved_concurrency_leaves_room(cloud: Cloud) -> Iterator[str]:
    for template, name, mapping in cloud.each(MAPPING):
        stack, logical_id = cloud.function_of(template, mapping)
        function = stack.resource(logical_id)["Properties"]
        wanted = at_once(mapping, 1_000)
        if function.get("ReservedConcurrentExecutions", wanted) < wanted:
            yield f"{name}: throttled invocations would burn receives"


def concurrency_is_bounded_by_the_mapping(cloud: Cloud) -> Iterator[str]:
    for _, name, mapping in cloud.each(MAPPING):
        most = at_once(mapping, 0)
        if not limits.MIN_MAXIMUM_CONCURRENCY <= most <= limits.MAX_MAXIMUM_CONCURRENCY:
            yield f"{name}: MaximumConcurrency {most}"


def messages_in_flight_stay_below_the_limit(cloud: Cloud) -> Iterator[str]:
    for _, name, mapping in cloud.each(MAPPING):
        most = at_once(mapping, 1_250)
        if most * mapping.get("BatchSize", 10) > 100_000:
            yield f"{name}: SQS lets 120,000 messages be in flight"


def the_mapping_is_measured(cloud: Cloud) -> Iterator[str]:
    for _, name, mapping in cloud.each(MAPPING):
        if mapping.get("MetricsConfig", {}).get("Metrics") != ["EventCount"]:
            yield f"{name}: no event counts"


def sending_to_oneself_is_no_loop(cloud: Cloud) -> Iterator[str]:
    for template, _, mapping in cloud.each(MAPPING):
        stack, name = cloud.function_of(template, mapping)
        if stack.resource(name)["Properties"].get("RecursiveLoop") != "Allow":
            yield f"{name}: Lambda would stop the 17th message it sends itself"


QUEUE_RELATIONS = (
    visibility_covers_six_timeouts_and_the_window,
    fuse_is_longer_than_the_attempts,
    failures_are_reported_by_item,
    large_batches_have_a_window,
    every_source_has_dead_letters,
    dead_letters_outlive_the_queue,
    dead_letters_serve_the_queues_of_one_job_type,
    lanes_share_the_declared_concurrency,
    reserved_concurrency_leaves_room,
    concurrency_is_bounded_by_the_mapping,
    messages_in_flight_stay_below_the_limit,
    the_mapping_is_measured,
    sending_to_oneself_is_no_loop,
)
