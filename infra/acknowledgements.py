"""The rules of cdk-nag that do not hold here, each with the reason, all in this file.

A new finding is first of all something to put right. What is acknowledged is so on the narrowest
construct, never on the application.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

from infra.constructs.worker_function import OwnWorker, WorkerFunction
from infra.placeholders import fill_for_people
from infra.settings import Stage
from infra.stacks.api import ApiStack
from infra.stacks.core import CoreStack
from infra.stacks.job_type import JobTypeStack
from infra.stacks.pool import PoolStack
from infra.stacks.releasing import WILDCARDS, ReleasingStack
from workerless import naming
from workerless.data_ref import error_prefix, payload_prefix, result_prefix
from workerless.job_type import JobType

_BUCKET = {
    "AwsSolutions-S1": "server access logs need a bucket of their own and arrive late and "
    "incompletely; who touched an object is answered by CloudTrail data events where wanted",
}
_TOPIC = {
    "Serverless-SNSRedrivePolicy": "its subscriber is a person's mailbox: an alarm that could not "
    "be mailed helps nobody later, and its state stays in CloudWatch",
}
_DEAD_LETTERS = {
    "Serverless-SQSRedrivePolicy": "it is the dead-letter queue: nothing comes after it, people do",
}
_UNDELIVERED = {
    **_DEAD_LETTERS,
    "AwsSolutions-SQS3": "it is the dead-letter queue of rules, subscriptions or a stream",
}
_STREAMS = {"AwsSolutions-IAM5[Resource::*]": "ListStreams, which Lambda asks, knows no resources"}
_FUNCTION = {
    "AwsSolutions-L1": "Python 3.13 on purpose, supported until mid-2029: wheels, bytecode and the "
    "local cloud, which runs functions under the checkout's own Python, must be one version",
    "Serverless-LambdaLatestVersion": "Python 3.13 on purpose, see AwsSolutions-L1",
    "Serverless-LambdaDLQ": "invoked by its queue only, never asynchronously: the queue has the "
    "dead-letter queue",
    "Serverless-LambdaTracing": "trace context travels as W3C traceparent in the message; X-Ray's "
    "SDK costs 100 ms of cold start, ends in 2027, and needs a right on every resource",
}
_SWEEPER = {
    "AwsSolutions-L1": _FUNCTION["AwsSolutions-L1"],
    "Serverless-LambdaLatestVersion": _FUNCTION["Serverless-LambdaLatestVersion"],
    "Serverless-LambdaTracing": _FUNCTION["Serverless-LambdaTracing"],
    "Serverless-LambdaDLQ": "a call that failed is worth nothing a minute later: the next one does "
    "what it would have done, so neither a retry nor a queue for it helps anybody",
}
_SWEEPER_CALLS = {
    "Serverless-LambdaAsyncFailureDestination": _SWEEPER["Serverless-LambdaDLQ"],
}
_MAPPING = {
    "Serverless-LambdaEventSourceMappingDestination": "Lambda offers failure destinations for "
    "streams only; for a queue it is the queue's redrive policy, which is set",
}


_API = {
    "AwsSolutions-L1": _FUNCTION["AwsSolutions-L1"],
    "Serverless-LambdaLatestVersion": _FUNCTION["Serverless-LambdaLatestVersion"],
    "Serverless-LambdaTracing": _FUNCTION["Serverless-LambdaTracing"],
    "Serverless-LambdaDLQ": "its caller waits for the answer, and hears of every failure",
}
_OPEN = {
    "AwsSolutions-APIG4": "its sender has no credentials here: the function checks the signature, "
    "or the token, before it looks at anything else",
}


def acknowledge_api(stack: ApiStack, stage: Stage) -> None:
    """To be called once the stack has all its constructs."""
    _acknowledge(stack.worker.function, _API)
    for route in stack.gateway.opened:
        _acknowledge(route, _OPEN)
    _acknowledge(stack.worker.role, _every_job_type(stack, stage) | _every_file(stack, stage))
    _acknowledge(stack.worker.role, _dynamic_schedules(stack, stage))
    for policy in stack.policies.policies:
        _acknowledge(policy, _routes_with_parts(stack))


def acknowledge_core(stack: CoreStack, stage: Stage) -> None:
    """To be called once the stack has all its constructs."""
    _acknowledge(stack.files.bucket, _BUCKET)
    _acknowledge(stack.alarms.topic, _TOPIC)
    if stack.releases:
        _acknowledge(stack.releases.role, _releases(stack, stage))
    for system in (stack.sweeper, stack.operator):
        _acknowledge(system.function, _SWEEPER)
        _acknowledge(system.live, _SWEEPER_CALLS)
        _acknowledge(system.role, _every_job_type(stack, stage))
    _acknowledge(stack.sweeper.role, _dynamic_schedules(stack, stage))
    for fed in (stack.ticks, stack.orchestrator):
        _acknowledge(fed.function, _FUNCTION)
        _acknowledge(fed.role, _every_job_type(stack, stage))
        _acknowledge(fed.mapping, _MAPPING)
        _acknowledge(fed.queues.dead_letters, _DEAD_LETTERS)
    _acknowledge(stack.orchestrator.role, _every_file(stack, stage))
    if stack.failed_jobs:
        _acknowledge(stack.failed_jobs.topic, _TOPIC)
    if stack.publisher:
        _acknowledge(stack.publisher.function, _FUNCTION)
        _acknowledge(stack.publisher.role, _STREAMS)
        _acknowledge(stack.publisher.unpublished, _UNDELIVERED)


def acknowledge_job_type(stack: JobTypeStack, job_type: JobType[Any, Any], stage: Stage) -> None:
    """To be called once the stack has all its constructs."""
    _acknowledge(stack.queues.dead_letters, _DEAD_LETTERS)
    if stack.sources:
        _acknowledge(stack.sources.undelivered, _UNDELIVERED)
    for mapping in stack.worker.mappings.values():
        _acknowledge(mapping, _MAPPING)
    if isinstance(stack.worker, OwnWorker):
        _acknowledge_worker(stack.worker, [job_type], stage)


def acknowledge_pool(stack: PoolStack, stage: Stage) -> None:
    """To be called once the stack has all its constructs."""
    _acknowledge_worker(stack.worker, stack.pool.job_types, stage)


def acknowledge_releasing(stack: ReleasingStack, stage: Stage) -> None:
    """To be called once the stack has all its constructs."""
    looks = {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(one, stage=stage, stack=stack)}]": (
            "the doctor looks at the stage's own, those of tomorrow too, and changes nothing"
        )
        for one in WILDCARDS
        if one != "*"
    }
    _acknowledge(stack.role, looks)
    _acknowledge(stack.role, {"AwsSolutions-IAM5[Resource::*]": "lists that know no resources"})


def _acknowledge_worker(
    worker: WorkerFunction, job_types: Sequence[JobType[Any, Any]], stage: Stage
) -> None:
    _acknowledge(worker.function, _FUNCTION)
    _acknowledge(worker.role, worker.around.wildcards)
    for job_type in job_types:
        _acknowledge(worker.role, _declared_wildcards(Stack.of(worker), job_type, stage))
        _acknowledge(worker.role, _own_files(Stack.of(worker), job_type, stage))


def _every_job_type(stack: CoreStack | ApiStack, stage: Stage) -> dict[str, str]:
    """Sweeper, operator and API serve all job types of their stage, those of tomorrow too."""
    templates = (
        f"arn:{{partition}}:sqs:{{region}}:{{account}}:{naming.resource(stage.name, '*')}",
        f"arn:{{partition}}:sqs:{{region}}:{{account}}:{naming.dead_letter_queue(stage.name, '*')}",
        f"arn:{{partition}}:s3:::{{bucket}}/{naming.ARCHIVE}/*",
        "arn:{partition}:s3:::{bucket}/payloads/*",
        "arn:{partition}:ssm:{region}:{account}:parameter"
        + naming.job_type_parameter(stage.name, "*"),
    )
    mappings = "arn:{partition}:lambda:{region}:{account}:event-source-mapping:*"
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(template, stage=stage, stack=stack)}]": (
            "each job type is a stack of its own that core does not know; the wildcard begins "
            "after this stage's prefix"
        )
        for template in templates
    } | {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(mappings, stage=stage, stack=stack)}]": (
            "a mapping has no name of ours; on condition that it calls a function of this stage"
        ),
        "AwsSolutions-IAM5[Resource::*]": "ListEventSourceMappings and DescribeAlarms, which tell "
        "whether jobs would run, GetMetricStatistics and ListSchedules know no resources",
    }


def _releases(stack: CoreStack, stage: Stage) -> dict[str, str]:
    """CodeDeploy moves the aliases of workers that core does not know."""
    template = "arn:{partition}:lambda:{region}:{account}:function:" + naming.resource(
        stage.name, "*"
    )
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(template, stage=stage, stack=stack)}]": (
            "each worker is a stack of its own that core does not know; the wildcard begins after "
            "this stage's prefix"
        ),
        "AwsSolutions-IAM5[Resource::*]": "DescribeAlarms knows no resources",
    }


def _dynamic_schedules(stack: CoreStack | ApiStack, stage: Stage) -> dict[str, str]:
    """Schedules are called as who makes them at run time says."""
    group = naming.dynamic_schedule_group(stage.name)
    entries = f"arn:{{partition}}:scheduler:{{region}}:{{account}}:schedule/{group}/*"
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(entries, stage=stage, stack=stack)}]": (
            "the group holds nothing but schedules that are made at run time"
        )
    }


def _every_file(stack: CoreStack | ApiStack, stage: Stage) -> dict[str, str]:
    """Operators look at the jobs of all types; workflows hand on what all of them gave."""
    templates = [f"arn:{{partition}}:s3:::{{bucket}}/{one}/*" for one in ("results", "errors")]
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(template, stage=stage, stack=stack)}]": (
            "results and errors of all job types, read only: files are named by jobs"
        )
        for template in templates
    }


def _routes_with_parts(stack: ApiStack) -> dict[str, str]:
    """Job ids are not known when deploying; what stands before and after them is."""
    arn = fill_for_people(
        "arn:{partition}:execute-api:{region}:{account}:", stage=stack.stage, stack=stack
    )
    api = stack.get_logical_id(stack.gateway.api)
    return {
        f"AwsSolutions-IAM5[Resource::{arn}<{api}>/{below}]": "part of a route's path is the name "
        "of a job, a job type or an operation; the method and all else is exact"
        for below in stack.policies.resources
        if "*" in below
    }


def _own_files(stack: Stack, job_type: JobType[Any, Any], stage: Stage) -> dict[str, str]:
    """Files are named by jobs and attempts, which nobody knows when deploying."""
    prefixes = [one(job_type.name) for one in (payload_prefix, result_prefix, error_prefix)]
    prefixes += [payload_prefix(child) for child in job_type.children]
    templates = [f"arn:{{partition}}:s3:::{{bucket}}/{one}*" for one in prefixes]
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(template, stage=stage, stack=stack)}]": (
            "its own payloads, results and errors, or its children's payloads, each a file of one "
            "job: the wildcard begins after the job type's prefix"
        )
        for template in templates
    }


def _declared_wildcards(stack: Stack, job_type: JobType[Any, Any], stage: Stage) -> dict[str, str]:
    """One rule a resource, so that a wildcard from anywhere else is still a finding."""
    return {
        f"AwsSolutions-IAM5[Resource::{fill_for_people(resource, stage=stage, stack=stack)}]": (
            f"{job_type.name} declares it in its job.py, where it is reviewed: the actions are "
            "exact and the wildcard is a part of one service's ARN"
        )
        for allow in job_type.permissions
        for resource in allow.resources
        if "*" in resource
    }


def _acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )
