"""Many jobs through the deployed cloud while everything goes wrong, until the world is at rest."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any

from tests.chaos import ledger, script
from tests.chaos.cloud import NAME, TABLE, Cloud
from tests.chaos.hurry import HurriedClock, HurriedQueue
from tests.chaos.meddler import Fate, Meddler
from tests.chaos.proxy import Proxy
from workerless.aws.directory import SsmDirectory
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.aws.s3 import S3Blobs
from workerless.aws.session import AwsClients
from workerless.client import Client
from workerless.environment import SweeperEnvironment
from workerless.errors import WorkerlessError
from workerless.local.deploy import STAGE
from workerless.states import State
from workerless.sweeper import World

_PRODUCERS = 24
_JOBS_PER_CALL = 5
# One job in so many comes when all others are done, and loses its message with that chance.
_LATE = 20
_LOST = 0.5
# The scheduled sweeper runs each minute; so does this one, on the hurried clock.
_SWEEP_SECONDS = 3.0
_SWEEP_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``probability`` is each fault's, ``kills`` an attempt's chance to be killed.

    ``restart`` ends the emulator in the middle and starts it again.
    """

    seed: int
    jobs: int
    probability: float
    kills: float
    patience: timedelta
    restart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """How it ended. ``job_ids`` and ``lines`` are by the jobs' numbers."""

    plan: Plan
    job_ids: Sequence[str]
    states: dict[str, str]
    letters: Counter[str]
    lines: Sequence[list[str]]
    faults: Counter[tuple[str, str]]
    calls: int
    meddled: Counter[Fate]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """boto3's environment must lead to ``proxy`` while this runs."""

    plan: Plan
    cloud: Cloud
    proxy: Proxy
    folder: Path

    def run(self) -> Soaked:
        began = time.time()
        clock = HurriedClock(since=began)
        self.cloud.tell_function(
            {
                "AWS_ENDPOINT_URL": self.proxy.endpoint,
                "AWS_ENDPOINT_URL_S3": self.cloud.emulator.endpoint,  # see ``rules``
                "CHAOS_SEED": str(self.plan.seed),
                "CHAOS_KILLS": str(self.plan.kills),
                "CHAOS_LEDGER": str(self.folder),
                "CHAOS_SINCE": str(began),
            }
        )
        meddler = Meddler(
            rng=Random(self.plan.seed),
            chances={"refused": self.plan.probability, "echoed": self.plan.probability},
            plain=self.cloud.sqs,
        )
        sweep = _sweeper(clock, self.cloud.worker_environment().bucket)
        late = self.plan.jobs - self.plan.jobs // _LATE
        self.cloud.stop_sweeping()
        job_ids = self._enqueue(range(late), clock, meddler)
        self._until_at_rest(sweep, began, restart=self.plan.restart)
        # The sweeper looks at a job ever less often while its queue has a line: messages are lost
        # when there is none, or the end would be twice as far away as the line was long.
        meddler.chances = {"lost": _LOST}
        job_ids += self._enqueue(range(late, self.plan.jobs), clock, meddler)
        self._until_at_rest(sweep, began, restart=False)
        return Soaked(
            plan=self.plan,
            job_ids=job_ids,
            states=self._states(),
            letters=self._letters(),
            lines=[ledger.lines(self.folder, number) for number in range(self.plan.jobs)],
            faults=self.proxy.faults(),
            calls=self.proxy.calls(),
            meddled=meddler.done,
            seconds=time.time() - began,
        )

    def _enqueue(self, jobs: range, clock: HurriedClock, meddler: Meddler) -> list[str]:
        """The ids, in order; a caller that gets no answer asks again with the same key."""
        clients = AwsClients()
        directory = SsmDirectory(clients.ssm, STAGE)
        meddler.attach(clients.sqs)
        client = Client(
            store=DynamoStore(clients.dynamodb, TABLE, clock),
            unique=DynamoUniqueStore(clients.dynamodb, TABLE, clock),
            queue=HurriedQueue(clients.sqs, clock=clock, rng=Random()),
            blobs=S3Blobs(lambda: clients.s3, lambda: directory.core().bucket, clock),
            directory=directory,
            clock=clock,
        )
        job_type = self.cloud.job_type

        def send(numbers: tuple[int, ...]) -> list[str]:
            payloads = [
                job_type.payload(number=number, padding=script.padding(self.plan.seed, number))
                for number in numbers
            ]
            return _again(
                lambda: [
                    job.id
                    for job in client.enqueue_many(
                        job_type, payloads, idempotency_key=lambda one: str(one.number)
                    )
                ]
            )

        with ThreadPoolExecutor(_PRODUCERS) as pool:
            calls = pool.map(send, batched(jobs, _JOBS_PER_CALL, strict=False))
            return [job_id for ids in calls for job_id in ids]

    def _until_at_rest(self, sweep: Callable[[], None], began: float, *, restart: bool) -> None:
        """All jobs ended and no message left that could change anything."""
        give_up_at = began + self.plan.patience.total_seconds()
        restart_at = time.time() + 5 if restart else float("inf")
        while time.time() < give_up_at and not self._is_at_rest():
            if time.time() > restart_at:
                restart_at = float("inf")
                self.cloud.restart()
            sweep()
            time.sleep(_SWEEP_SECONDS)

    def _is_at_rest(self) -> bool:
        states = Counter(self._states().values())
        messages = self.cloud.messages(self.cloud.address.queue)
        print(f" {dict(states)}, {messages} messages")
        return messages == 0 and all(State(state).is_terminal for state in states)

    def _states(self) -> dict[str, str]:
        pages = self.cloud.dynamodb.get_paginator("scan").paginate(
            TableName=TABLE,
            FilterExpression="job_type = :chaotic",
            ProjectionExpression="job_id, #state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":chaotic": {"S": NAME}},
        )
        return {item["job_id"]["S"]: item["state"]["S"] for page in pages for item in page["Items"]}

    def _letters(self) -> Counter[str]:
        """How many dead letters each job has; they are taken out of their queue."""
        sqs, url = self.cloud.sqs, self.cloud.address.dead_letters
        found: Counter[str] = Counter()
        # The deployed sweeper would hide them from us for ten real minutes, again and again.
        while self.cloud.messages(url):
            letters = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            ).get("Messages", [])
            for letter in letters:
                attributes: dict[str, Any] = dict(letter.get("MessageAttributes", {}))
                found[attributes.get("job_id", {}).get("StringValue", "no attributes")] += 1
                sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
            time.sleep(0 if letters else 1)
        return found


def _sweeper(clock: HurriedClock, bucket: str) -> Callable[[], None]:
    world = World(SweeperEnvironment(stage=STAGE, table=TABLE, bucket=bucket))
    world.clock = clock
    world.queue = HurriedQueue(AwsClients().sqs, clock=clock, rng=Random())

    def sweep() -> None:
        try:
            world.sweep(_SWEEP_LASTS)
        except WorkerlessError as error:
            print(f" a sweep failed, as it may: {error}")

    return sweep


def _again[T](call: Callable[[], T]) -> T:
    for _ in range(400):  # four calls in ten fail at the worst, and botocore gives up retrying
        try:
            return call()
        except WorkerlessError:
            time.sleep(random.uniform(0, 0.2))
    return call()
