"""Rules for the two queues of a job type."""

from collections.abc import Iterator, Mapping

from workerless import limits
from workerless.deployed import DeployedJobType, QueueFacts
from workerless.operations.doctor.finding import DEPLOY, Finding

# Lambda's own advice: it must have time to try again while it is throttled.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_TIMEOUTS = 6
# One attempt, and ten receives that throttling and crashes may burn.
_LOWEST_FUSE = 11


def queues_are_there(deployed: DeployedJobType) -> Iterator[Finding]:
    """Without its queues nothing works."""
    dead = {deployed.address.dead_letters: deployed.dead_letters}
    for url, found in (deployed.queues() | dead).items():
        if found is None:
            yield Finding(
                rule="queue", on=url, wrong="is not there", fix="deploy the job type's stack"
            )


def queues_are_declared(left: Mapping[str, int]) -> Iterator[Finding]:
    """No deployment deletes the queue of a lane or job type that is gone; nobody reads it."""
    for queue, count in left.items():
        delete = f"`aws sqs delete-queue --queue-url {queue}`"
        yield Finding(
            rule="left_queue",
            on=queue,
            wrong="is of no job type or lane that is deployed, and "
            + (f"has about {count} messages that nobody reads" if count else "is empty"),
            fix=f"deploy its lane or job type again until it has run empty, then {delete}"
            if count
            else delete,
            is_broken=count > 0,
        )


def visibility_outlives_the_function(deployed: DeployedJobType) -> Iterator[Finding]:
    """Six timeouts and the batching window: Lambda tries again while it is throttled."""
    queue, function = deployed.queue, deployed.function
    if queue is None or function is None:
        return
    windows = [one.window for one in deployed.mappings if one.queue == queue.arn]
    lowest = function.timeout * _TIMEOUTS + max(windows, default=0 * function.timeout)
    if queue.visibility < lowest:
        yield Finding(
            rule="visibility",
            on=queue.name,
            wrong=f"hides messages for {queue.visibility}, less than 6 function timeouts and the "
            f"batching window: a message comes back while its job still runs",
            fix=f"set its visibility timeout to {lowest}",
        )


def fuse_is_generous(deployed: DeployedJobType) -> Iterator[Finding]:
    """Receives are no attempts: throttling burns them, too."""
    queue = deployed.queue
    if queue and queue.max_receive_count is not None and queue.max_receive_count < _LOWEST_FUSE:
        yield Finding(
            rule="fuse",
            on=queue.name,
            wrong=f"moves a message away after {queue.max_receive_count} receives, which "
            "throttling alone can burn",
            fix=f"set maxReceiveCount to twice the attempts and ten, at least {_LOWEST_FUSE}",
        )


def dead_letters_have_their_queue(deployed: DeployedJobType) -> Iterator[Finding]:
    """What SQS gives up goes where the sweeper looks."""
    queue, dead = deployed.queue, deployed.dead_letters
    if queue and dead and queue.dead_letters != dead.arn:
        yield Finding(
            rule="redrive_policy",
            on=queue.name,
            wrong=f"sends its dead letters to {queue.dead_letters or 'nowhere'}",
            fix=f"set its redrive policy to {dead.arn}",
        )


def dead_letters_are_its_own(deployed: DeployedJobType) -> Iterator[Finding]:
    """Letters of another job type would be judged as if they were ours."""
    queues, dead = deployed.queues().values(), deployed.dead_letters
    arns = [queue.arn for queue in queues if queue]
    is_whole = len(arns) == len(queues)  # what is not there is told by another rule
    if dead and is_whole and sorted(dead.allows or ()) != sorted(arns):
        allowed = "any queue" if dead.allows is None else ", ".join(dead.allows) or "none"
        yield Finding(
            rule="redrive_allow_policy",
            on=dead.name,
            wrong=f"takes the dead letters of {allowed}",
            fix=f"set its redrive allow policy to byQueue, {', '.join(arns)}",
        )


def dead_letters_outlive_messages(deployed: DeployedJobType) -> Iterator[Finding]:
    """A letter keeps the age it had as a message."""
    queue, dead = deployed.queue, deployed.dead_letters
    if dead and dead.retention < limits.DEAD_LETTER_RETENTION:
        yield Finding(
            rule="dead_letter_retention",
            on=dead.name,
            wrong=f"keeps letters for {dead.retention}, counted from when they were first sent",
            fix=f"set its retention to {limits.DEAD_LETTER_RETENTION}",
        )
    if queue and dead and queue.retention > limits.QUEUE_RETENTION:
        yield Finding(
            rule="dead_letter_retention",
            on=queue.name,
            wrong=f"keeps messages for {queue.retention}: as old letters they would be gone soon",
            fix=f"set its retention to {limits.QUEUE_RETENTION}",
        )


def queues_are_encrypted(deployed: DeployedJobType) -> Iterator[Finding]:
    """At rest; a key of SQS is enough."""
    for queue in _both(deployed):
        if not queue.is_encrypted:
            yield Finding(
                rule="encryption", on=queue.name, wrong="is not encrypted at rest", fix=DEPLOY
            )


def queues_are_tls_only(deployed: DeployedJobType) -> Iterator[Finding]:
    """And on their way."""
    for queue in _both(deployed):
        if not queue.is_tls_only:
            yield Finding(
                rule="tls_only",
                on=queue.name,
                wrong="has no policy that refuses calls without TLS",
                fix=DEPLOY,
            )


def _both(deployed: DeployedJobType) -> Iterator[QueueFacts]:
    return (queue for queue in (deployed.queue, deployed.dead_letters) if queue)
