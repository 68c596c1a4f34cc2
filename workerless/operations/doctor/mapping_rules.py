"""Rules for the mapping that brings messages to the function."""

from collections.abc import Iterator
from datetime import datetime
from shlex import join

from workerless import limits
from workerless.deployed import DeployedJobType, MappingFacts
from workerless.flow.settings import FlowSettings, Pause, told_scope
from workerless.operations.doctor.finding import DEPLOY, Finding
from workerless.ports import Address
from workerless.sending import lane_of

_LOWEST = limits.MIN_MAXIMUM_CONCURRENCY


def one_mapping_reads_the_queue(deployed: DeployedJobType) -> Iterator[Finding]:
    """A second reader takes every other job away."""
    if deployed.queue is None:
        return
    readers = [one.function for one in _readers(deployed)]
    if readers != [deployed.address.function]:
        yield Finding(
            rule="mapping",
            on=deployed.queue.name,
            wrong=f"is read by {', '.join(readers) or 'no function'}, not by "
            f"{deployed.address.function} alone",
            fix="remove what else reads it: it takes jobs away" if readers else DEPLOY,
        )


def nobody_reads_the_dead_letters(deployed: DeployedJobType) -> Iterator[Finding]:
    """Only operators and the sweeper do."""
    dead = deployed.dead_letters
    for mapping in deployed.mappings:
        if dead and mapping.queue == dead.arn:
            yield Finding(
                rule="dead_letter_reader",
                on=dead.name,
                wrong=f"is read by {mapping.function}, which takes dead letters away",
                fix=f"remove mapping {mapping.uuid}; `workerless dead retry` brings jobs back",
            )


def mapping_is_as_meant(
    deployed: DeployedJobType, settings: FlowSettings, now: datetime
) -> Iterator[Finding]:
    """A mapping that is off takes no message, and rings no alarm before they are old.

    Unless it is paused, which is told as advice, or containers take the messages.
    """
    address = deployed.address
    for pause in settings.pauses:
        if pause.holds(now):
            until = f" until {pause.until.isoformat()}" if pause.until else ""
            yield Finding(
                rule="paused",
                on=told_scope(address.job_type, pause.scope),
                wrong=f"is paused by {pause.by} since {pause.at.isoformat()}{until}: {pause.why}",
                fix=f"workerless queues resume {_of(address, pause)}, once it shall run",
                is_broken=False,
            )
    if address.in_containers:
        yield from _off_for_containers(deployed)
        return
    for mapping in _readers(deployed):
        is_paused = settings.paused(now, lane=lane_of(address, mapping.queue)) is not None
        if not is_paused and mapping.state not in ("Enabled", "Creating", "Enabling", "Updating"):
            yield Finding(
                rule="mapping_enabled",
                on=mapping.uuid,
                wrong=f"is {mapping.state}: no job of {deployed.address.job_type} starts",
                fix=f"aws lambda update-event-source-mapping --uuid {mapping.uuid} --enabled",
            )


def _off_for_containers(deployed: DeployedJobType) -> Iterator[Finding]:
    for mapping in _readers(deployed):
        if mapping.state not in ("Disabled", "Disabling"):
            yield Finding(
                rule="mapping_enabled",
                on=mapping.uuid,
                wrong=f"is {mapping.state}: functions run jobs of {deployed.address.job_type}, "
                "which are meant for containers alone",
                fix=f"aws lambda update-event-source-mapping --uuid {mapping.uuid} --no-enabled",
            )


def batches_fail_in_part(deployed: DeployedJobType) -> Iterator[Finding]:
    """Without it a batch is taken as done, whatever the answer says."""
    for mapping in _readers(deployed):
        if not mapping.takes_partial_responses:
            yield Finding(
                rule="partial_batches",
                on=mapping.uuid,
                wrong="does not report batch item failures: jobs that shall be retried are deleted",
                fix="set FunctionResponseTypes to ReportBatchItemFailures",
            )


def concurrency_is_the_mappings(deployed: DeployedJobType) -> Iterator[Finding]:
    """The mapping waits where a reserve would throttle."""
    for mapping in _readers(deployed):
        if mapping.most_at_once is None:
            yield Finding(
                rule="maximum_concurrency",
                on=mapping.uuid,
                wrong="has neither MaximumConcurrency nor pollers of its own: throttled "
                "invocations burn receives",
                fix=f"set ScalingConfig.MaximumConcurrency, at least {_LOWEST}",
            )


def bound_is_within_its_scale(deployed: DeployedJobType) -> Iterator[Finding]:
    """The operator function moves it there within a minute, whoever set it."""
    scale = deployed.address.scale
    if scale is None or deployed.address.in_containers:
        return
    for mapping in _readers(deployed):
        bound = mapping.max_concurrency
        if bound is not None and not scale.least <= bound <= scale.most:
            yield Finding(
                rule="autoscale",
                on=mapping.uuid,
                wrong=f"may have {bound} invocations at once, and its job type is scaled between "
                f"{scale.least} and {scale.most}",
                fix="look again in a minute; else read the operator function's log",
            )


def events_are_counted(deployed: DeployedJobType) -> Iterator[Finding]:
    """An idle mapping reports zeros; one that is stopped reports nothing."""
    for mapping in _readers(deployed):
        if not mapping.counts_events:
            yield Finding(
                rule="event_counts",
                on=mapping.uuid,
                wrong="has no event counts: a mapping that stopped looks like an idle one",
                fix="set MetricsConfig to EventCount",
                is_broken=False,
            )


def _of(address: Address, pause: Pause) -> str:
    """What tells a command which pause it is."""
    scopes = (("--lane", pause.lane), ("--tenant", pause.tenant))
    told = [part for option, name in scopes if name is not None for part in (option, name)]
    return join([address.job_type, *told])


def _readers(deployed: DeployedJobType) -> list[MappingFacts]:
    queue = deployed.queue
    return [one for one in deployed.mappings if queue and one.queue == queue.arn]
