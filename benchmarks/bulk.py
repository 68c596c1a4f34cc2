"""Enqueueing many over a network: ``python -m benchmarks.bulk NAME JOBS`` prints jobs a second."""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import boto3
from botocore.config import Config

from benchmarks import canned
from benchmarks.batch import TYPE, URL

ROUND_TRIP = timedelta(milliseconds=8)
_TEN = 10
_BODY = '{"specversion": "1.0", "id": "%s", "type": "greet", "data": {"name": "Ada Lovelace"}}'


type Enqueue = Callable[[int], object]
"""Enqueues so many jobs, its clients made."""


def raw(threads: int = 1) -> Enqueue:
    """Batches of ten with the plain client: what the network allows."""
    client = boto3.client("sqs", config=Config(max_pool_connections=threads))

    def send(numbers: range) -> None:
        client.send_message_batch(
            QueueUrl=URL,
            Entries=[{"Id": str(number), "MessageBody": _BODY % number} for number in numbers],
        )

    def enqueue(jobs: int) -> None:
        with ThreadPoolExecutor(max_workers=threads) as pool:
            list(pool.map(send, (range(one, one + _TEN) for one in range(0, jobs, _TEN))))

    return enqueue


def raw_threads() -> Enqueue:
    """The same, eight at once."""
    return raw(threads=8)


def workerless_full() -> Enqueue:
    """A record and a message each, through ``enqueue_many``."""
    return _enqueue_many("full")


def workerless_lean() -> Enqueue:
    """A message each; the records are made when they are claimed."""
    return _enqueue_many("lean")


def workerless_off() -> Enqueue:
    """A message each, and never a record."""
    return _enqueue_many("off")


def _enqueue_many(tracking: str) -> Enqueue:
    from workerless import JobType, Payload, Tracking  # noqa: PLC0415 -- the others do without
    from workerless.client import connect  # noqa: PLC0415

    class Greet(Payload):
        """Greets a customer."""

        name: str

    greet, client = JobType(name=TYPE, payload=Greet, tracking=Tracking(tracking)), connect("local")
    return lambda jobs: client.enqueue_many(greet, [Greet(name="Ada Lovelace")] * jobs)


def celery() -> Enqueue:
    """``apply_async`` for each: Celery sends no batches."""
    from benchmarks.case.celery_worker import application  # noqa: PLC0415 -- only here installed

    greet = application().tasks[TYPE]

    def enqueue(jobs: int) -> None:
        for _ in range(jobs):
            greet.apply_async(kwargs={"customer_id": "c-1", "name": "Ada Lovelace"})

    return enqueue


_CASES: dict[str, Callable[[], Enqueue]] = {
    case.__name__: case
    for case in (raw, raw_threads, workerless_full, workerless_lean, workerless_off, celery)
}


def main() -> None:
    name, jobs = sys.argv[1], int(sys.argv[2])
    canned.install(round_trip=ROUND_TRIP)
    answer = os.dup(sys.stdout.fileno())
    # Lines that count what was enqueued are written, to where nobody reads.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    enqueue = _CASES[name]()
    enqueue(_TEN * 2)  # modules loaded, connections made
    before = time.perf_counter()
    enqueue(jobs)
    os.write(answer, f"{jobs / (time.perf_counter() - before)}\n".encode())


if __name__ == "__main__":
    main()
