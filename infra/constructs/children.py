"""What a worker may do for the job types that its handlers enqueue for: their queues, and no more.

It finds and fills those queues, writes their payloads' files, and knows their batches.
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack

from infra.constructs.every_job_type import bucket_of
from infra.constructs.rights import RECORDS, WRITE_FILES, Rights
from infra.lane import queue_names
from infra.settings import Stage
from workerless import naming
from workerless.data_ref import payload_prefix
from workerless.job_type import JobType


def allow_children(
    rights: Rights, children: Sequence[JobType[Any, Any]], stage: Stage, stack: Stack
) -> None:
    """Add what a handler needs that enqueues for ``children``, or has them in a batch."""
    orders = _queue(naming.workflows_queue(stage.name), stack)
    rights.allow("Orders", ("sqs:SendMessage",), orders)
    rights.allow(
        "Find", ("ssm:GetParameter",), _parameter(naming.core_parameter(stage.name), stack)
    )
    _allow_table(rights, children, stage, stack)
    for child in children:
        queues = [_queue(name, stack) for name in queue_names(child, stage)]
        rights.allow("Children", ("sqs:SendMessage",), *queues)
        if child.max_waiting is not None:
            rights.allow("Measure", ("sqs:GetQueueAttributes",), *queues)
        told = naming.job_type_parameter(stage.name, child.name)
        rights.allow("Find", ("ssm:GetParameter",), _parameter(told, stack))
        files = f"arn:{stack.partition}:s3:::{bucket_of(stage, stack)}/{payload_prefix(child.name)}"
        rights.allow("ChildFiles", WRITE_FILES, f"{files}*")


def _allow_table(
    rights: Rights, children: Sequence[JobType[Any, Any]], stage: Stage, stack: Stack
) -> None:
    table = stack.format_arn(
        service="dynamodb", resource="table", resource_name=naming.table(stage.name)
    )
    keys = ["JOB#*", "CONTAINER#*", "PAGE#*"]
    unique = [f"UNIQUE#{child.name}#*" for child in children if child.unique is not None]
    rights.allow("Records", RECORDS, table)
    where = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*keys, *unique]}}
    rights.allow("Reading", ("dynamodb:BatchGetItem",), table, where=where)
    if unique:
        # A unique job is put on condition that the one before is as it was.
        rights.allow("Unique", ("dynamodb:ConditionCheckItem",), table)


def _queue(name: str, stack: Stack) -> str:
    return stack.format_arn(service="sqs", resource=name)


def _parameter(name: str, stack: Stack) -> str:
    path = name.removeprefix("/")
    return stack.format_arn(service="ssm", resource="parameter", resource_name=path)
