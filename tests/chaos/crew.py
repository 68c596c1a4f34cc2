"""Jobs with queues of their own on the deployed table, for workers that die or oversleep."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal
from uuid import uuid4

from tests.chaos import ledger
from tests.chaos.cloud import TABLE, Cloud
from tests.chaos.hurry import HurriedClock, HurriedQueue
from tests.chaos.runner import JOB_TYPES, Death, Orders, Work
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.client import Client
from workerless.ports import Address
from workerless.record import Record
from workerless.testing.blobs import InMemoryBlobs

_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One job, alone in its queue."""

    job_id: str
    address: Address
    folder: Path

    def calls(self) -> list[str]:
        """What the processes called that worked on it alone, in order."""
        return ledger.lines(self.folder, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """A directory of one job type."""

    address: Address

    def find(self, job_type: str) -> Address:
        del job_type
        return self.address

    def all(self) -> list[Address]:
        return [self.address]


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Makes tasks and orders for processes that work on them, and looks at what came of them."""

    cloud: Cloud
    folder: Path
    clock: HurriedClock = field(default_factory=lambda: HurriedClock(since=time.time()))

    def task(self, job_type: str, work: Work, *, attempts: int) -> Task:
        """A job that waits in a queue of its own."""
        address = self._address(job_type)
        client = Client(
            store=DynamoStore(self.cloud.dynamodb, TABLE, self.clock),
            unique=DynamoUniqueStore(self.cloud.dynamodb, TABLE, self.clock),
            queue=HurriedQueue(self.cloud.sqs, clock=self.clock, rng=Random()),
            blobs=InMemoryBlobs(self.clock),
            directory=Only(address=address),
            clock=self.clock,
        )
        job = client.enqueue(JOB_TYPES[job_type], work, attempts=attempts)
        return self._task(job.id, address)

    def bare_task(self, job_type: str, work: Work) -> Task:
        """A plain message, whose record its first claim makes."""
        address = self._address(job_type)
        sent = self.cloud.sqs.send_message(
            QueueUrl=address.queue, MessageBody=work.model_dump_json()
        )
        return self._task(sent["MessageId"], address)

    def orders(
        self,
        tasks: Sequence[Task],
        *,
        death: Death | None = None,
        messages: int = 1,
        watched: bool = True,
    ) -> Orders:
        """For a process that works on these tasks, all of one job type.

        What it calls is noted, with those of the first task, if it is ``watched``.
        """
        return Orders(
            endpoint=self.cloud.emulator.endpoint,
            job_type=tasks[0].address.job_type,
            table=TABLE,
            queues=tuple((task.address.queue, task.address.dead_letters) for task in tasks),
            since=self.clock.since,
            folder=tasks[0].folder if watched else None,
            messages=messages,
            seconds=_PATIENCE_SECONDS,
            death=death,
        )

    def wait_until_at_rest(self, tasks: Sequence[Task]) -> None:
        """Every job ended and every message dealt with."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not all(self._is_at_rest(task) for task in tasks):
            assert time.monotonic() < give_up_at, [self.record(task) for task in tasks]
            time.sleep(_POLL_SECONDS)

    def _is_at_rest(self, task: Task) -> bool:
        is_empty = self.messages(task, "queue") == 0
        return is_empty and self.record(task).state.is_terminal

    def record(self, task: Task) -> Record:
        (found,) = DynamoStore(self.cloud.dynamodb, TABLE, self.clock).get_many([task.job_id])
        assert found is not None
        return found

    def messages(self, task: Task, queue: Literal["queue", "dead_letters"]) -> int:
        """How many there are, received ones included."""
        return self.cloud.messages(getattr(task.address, queue))

    def _address(self, job_type: str) -> Address:
        name = uuid4().hex
        queue, dead_letters = (
            self.cloud.sqs.create_queue(QueueName=one)["QueueUrl"] for one in (name, f"{name}-dead")
        )
        return Address(job_type=job_type, queue=queue, dead_letters=dead_letters, function="")

    def _task(self, job_id: str, address: Address) -> Task:
        folder = self.folder / job_id
        folder.mkdir()
        return Task(job_id=job_id, address=address, folder=folder)
