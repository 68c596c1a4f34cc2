"""A local cloud of the benchmark's own, whose emulator counts."""

import json
import os
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.fan_in import counted
from benchmarks.fan_in.figures import Counts
from tests.e2e.cloud import copy_checkout, functions_in
from workerless import naming
from workerless.discovery import discover
from workerless.job_type import JobType
from workerless.local import credentials, start
from workerless.local.deploy import STAGE, Deployment
from workerless.local.state import Running

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_JOB_TYPES = "benchmarks/fan_in/job_types"
_POLL_SECONDS = 0.2
# Of a queue that is empty: longer than any function takes from receiving to sending.
_REST_SECONDS = 2.0
_MESSAGES: "list[QueueAttributeNameType]" = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One that runs."""

    running: Running
    job_types: dict[str, JobType[Any, Any]]

    def counts(self) -> Counts:
        """Of all calls so far."""
        with urllib.request.urlopen(f"{self.running.endpoint}{counted.PATH}") as answer:  # noqa: S310 -- our own
            told = json.load(answer)
        return Counts(calls=Counter(told["calls"]), items=Counter(told["items"]))

    def until_at_rest(self, name: str) -> None:
        """Until neither jobs of this type nor orders are waited for any more, nor come."""
        quiet_since = time.monotonic()
        while time.monotonic() < quiet_since + _REST_SECONDS:
            time.sleep(_POLL_SECONDS)
            if any(
                map(self._messages, (naming.resource(STAGE, name), naming.workflows_queue(STAGE)))
            ):
                quiet_since = time.monotonic()

    def _messages(self, queue: str) -> int:
        url = f"{self.running.endpoint}/{credentials.ACCOUNT}/{queue}"
        told = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=_MESSAGES)
        return sum(int(told["Attributes"][name]) for name in _MESSAGES)


@contextmanager
def counting_cloud() -> Iterator[Cloud]:
    """Deployed with the job types of this folder; boto3 here talks to it, and to nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        root, directory = Path(folder, "checkout"), Path(folder, "cloud")
        root.mkdir()
        directory.mkdir()
        copy_checkout(root, [*functions_in("functions"), *functions_in(_JOB_TYPES)])
        running = start.start(directory, start.free_port(0), counted.__file__)
        try:
            environ = credentials.without_aws(os.environ)
            Deployment(
                root=root, directory=directory, running=running, environ=environ, tell=print
            ).run()
            os.environ.update(credentials.dummy(running.endpoint))
            found = {one.job_type.name: one.job_type for one in discover(root)}
            yield Cloud(running=running, job_types=found)
        finally:
            start.end(directory, running)
