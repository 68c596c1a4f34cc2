"""A worker and its client on moto's table, with meters on every call."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.budgets.meter import Meter
from tests.contract.conftest import create_table
from tests.unit.execution.bench import Bench
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.client import Client
from workerless.limits import MAX_BATCH_ENTRIES
from workerless.ports import Hide, Outgoing, SendFailure
from workerless.testing.memory import FakeClock, InMemoryQueue


class MeteredQueue(InMemoryQueue):
    """Counts the calls that SqsQueue makes, ten entries each, and those that Lambda makes."""

    def __init__(self, clock: FakeClock, **options: Any) -> None:
        super().__init__(clock, **options)
        self.requests: Counter[str] = Counter()

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        self.requests["SendMessageBatch"] += ceil(len(messages) / MAX_BATCH_ENTRIES)
        return super().send_many(address, messages)

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        self.requests["ChangeMessageVisibilityBatch"] += ceil(len(hides) / MAX_BATCH_ENTRIES)
        return super().hide_many(address, hides)

    def deliver(self, address: str, limit: int = MAX_BATCH_ENTRIES) -> list[dict[str, Any]]:
        records = super().deliver(address, limit)
        self.requests["ReceiveMessage"] += bool(records)
        return records


class MeteredBench(Bench):
    """A bench whose store is DynamoDB's, and which knows what everything cost."""

    def __post_init__(self) -> None:
        super().__post_init__()
        session = boto3.Session("test", "test", region_name="us-east-1")
        self.dynamodb, self._observer = session.client("dynamodb"), session.client("dynamodb")
        self.table = table = create_table(self._observer)
        self.meter = Meter(self.dynamodb, self._observer, table)
        self.store = self.operator = DynamoOperatorStore(self.dynamodb, table, self.clock)
        self.containers = DynamoContainers(Table(self.dynamodb, table, self.clock), self.clock)
        self.queue = self.metered = MeteredQueue(
            self.clock, visibility=self.job_type.visibility_timeout
        )
        self.client = Client(
            store=self.store,
            unique=DynamoUniqueStore(self.dynamodb, table, self.clock),
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
        )

    def deliver(self, limit: int = 10, **options: Any) -> list[str]:
        kept = super().deliver(limit, **options)
        self.metered.requests["DeleteMessageBatch"] += 1
        return kept

    def requests(self) -> Counter[str]:
        return self.meter.requests + self.metered.requests

    def leave(self) -> None:
        self.close()
        self.meter.close()
        self.dynamodb.close()
        self._observer.close()


@pytest.fixture
def make_metered() -> Iterator[Callable[..., MeteredBench]]:
    made: list[MeteredBench] = []

    def make(**options: Any) -> MeteredBench:
        made.append(MeteredBench(**options))
        return made[-1]

    with mock_aws():
        yield make
        for bench in made:
            bench.leave()
