"""The deployed cloud under chaos: core, sweeper and ``chaotic``, by the project's own stacks."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from tests.chaos import history, hurry, ledger, script
from tests.chaos.emulator import Emulator, emulated
from tests.chaos.history import Change
from tests.e2e.cloud import copy_checkout, functions_in
from workerless import naming
from workerless.aws.directory import SsmDirectory
from workerless.discovery import discover
from workerless.environment import WorkerEnvironment
from workerless.job_type import JobType
from workerless.local import credentials
from workerless.local.deploy import STAGE, Deployment
from workerless.ports import Address

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

NAME = "chaotic"
FUNCTION = naming.resource(STAGE, NAME)
TABLE = naming.table(STAGE)
# Shorter than the stack's own, so that little of a run is waiting: a killed attempt's message comes
# back before its lease has ended, and an invocation that hangs is ended before its message is back.
_FUNCTION_SECONDS = 6
_VISIBILITY_SECONDS = 7
_CONCURRENCY = 16
_MODULES = (hurry, ledger, script)


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """``session`` is of this cloud and no other; nothing that it calls goes through a proxy."""

    emulator: Emulator
    job_type: JobType[Any, Any]
    session: boto3.Session
    _before_restart: list[Change] = field(default_factory=list)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self.session.client("dynamodb", endpoint_url=self.emulator.endpoint)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self.session.client("sqs", endpoint_url=self.emulator.endpoint)

    @cached_property
    def functions(self) -> "LambdaClient":
        return self.session.client("lambda", endpoint_url=self.emulator.endpoint)

    @cached_property
    def address(self) -> Address:
        ssm = self.session.client("ssm", endpoint_url=self.emulator.endpoint)
        return SsmDirectory(ssm, STAGE).find(NAME)

    def worker_environment(self) -> WorkerEnvironment:
        """What the deployed function was told by its stack."""
        deployed = self.functions.get_function_configuration(FunctionName=FUNCTION)
        return WorkerEnvironment.read(deployed["Environment"]["Variables"])

    def stop_sweeping(self) -> None:
        """No sweeper is called any more, but by the test itself."""
        scheduler = self.session.client("scheduler", endpoint_url=self.emulator.endpoint)
        scheduler.delete_schedule(Name=naming.sweeper(STAGE))

    def messages(self, queue: str) -> int:
        """How many a queue holds, received and delayed ones included."""
        names: list[QueueAttributeNameType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        told = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def changes(self) -> list[Change]:
        """Every change of every record since the cloud was deployed, as far as the emulator tells.

        Unlike AWS it has no change for what a PartiQL statement wrote.
        """
        return [*self._before_restart, *self._streamed()]

    def told(self, event: str) -> Counter[str]:
        """How often the functions' logs tell of an event of a job, by job id."""
        logs = self.session.client("logs", endpoint_url=self.emulator.endpoint)
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{FUNCTION}"
        )
        texts = (found["message"] for page in pages for found in page["events"])
        lines = (json.loads(text) for text in texts if text.startswith("{"))
        return Counter(line["job_id"] for line in lines if line.get("message") == event)

    def restart(self) -> None:
        """End the emulator and start it again; it forgets its stream, and nothing else."""
        self._before_restart.extend(self._streamed())
        self.emulator.end()
        self.emulator.start()

    def _streamed(self) -> list[Change]:
        streams = self.session.client("dynamodbstreams", endpoint_url=self.emulator.endpoint)
        table = self.dynamodb.describe_table(TableName=TABLE)["Table"]
        return history.read(streams, table["LatestStreamArn"])

    def tell_function(self, variables: Mapping[str, str]) -> None:
        """Have the function start anew with these variables beside its stack's."""
        deployed = self.functions.get_function_configuration(FunctionName=FUNCTION)
        self.functions.update_function_configuration(
            FunctionName=FUNCTION,
            Timeout=_FUNCTION_SECONDS,
            Environment={"Variables": {**deployed["Environment"]["Variables"], **variables}},
        )
        version = self.functions.publish_version(FunctionName=FUNCTION)["Version"]
        self.functions.update_alias(
            FunctionName=FUNCTION, Name=naming.LIVE, FunctionVersion=version
        )


@contextmanager
def deployed(root: Path, directory: Path) -> Iterator[Cloud]:
    """A cloud with the stacks of a copy of the checkout, made in ``root``; its files below both."""
    copy_checkout(root, [*functions_in("functions"), *functions_in("tests/chaos/job_types")])
    for module in _MODULES:
        source = Path(str(module.__file__))
        (root / "functions" / NAME / source.name).write_text(source.read_text())
    with emulated(directory) as emulator:
        Deployment(
            root=root,
            directory=directory,
            running=emulator.start(),
            environ=credentials.without_aws(os.environ),
            tell=print,
        ).run()
        (found,) = [one for one in discover(root) if one.job_type.name == NAME]
        session = boto3.Session("test", "test", region_name=credentials.REGION)
        cloud = Cloud(emulator=emulator, job_type=found.job_type, session=session)
        _adapt(cloud)
        yield cloud


def _adapt(cloud: Cloud) -> None:
    """More functions at once than the local stage has, messages back sooner, changes recorded."""
    cloud.sqs.set_queue_attributes(
        QueueUrl=cloud.address.queue, Attributes={"VisibilityTimeout": str(_VISIBILITY_SECONDS)}
    )
    (mapping,) = cloud.functions.list_event_source_mappings(FunctionName=FUNCTION)[
        "EventSourceMappings"
    ]
    cloud.functions.update_event_source_mapping(
        UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": _CONCURRENCY}
    )
    cloud.dynamodb.update_table(
        TableName=TABLE,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
