"""Enqueueing many over a network: ``python -m benchmarks.bulk NAME JOBS`` prints jobs a second."""

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


def raw(jobs: int, threads: int = 1) -> None:
    """Batches of ten with the plain client: what the network allows."""
    client = boto3.client("sqs", config=Config(max_pool_connections=threads))

    def send(start: int) -> None:
        numbers = range(start, min(start + _TEN, jobs))
        client.send_message_batch(
            QueueUrl=URL,
            Entries=[{"Id": str(number), "MessageBody": _BODY % number} for number in numbers],
        )

    with ThreadPoolExecutor(max_workers=threads) as pool:
        list(pool.map(send, range(0, jobs, _TEN)))


def raw_threads(jobs: int) -> None:
    """The same, eight at once."""
    raw(jobs, threads=8)


def workerless_full(jobs: int) -> None:
    """A record and a message each, through ``enqueue_many``."""
    from workerless import JobType, Payload  # noqa: PLC0415 -- the others do without
    from workerless.client import connect  # noqa: PLC0415

    class Greet(Payload):
        """Greets a customer."""

        name: str

    greet = JobType(name=TYPE, payload=Greet)
    connect("local").enqueue_many(greet, [Greet(name="Ada Lovelace")] * jobs)


def celery(jobs: int) -> None:
    """``apply_async`` for each: Celery sends no batches."""
    from benchmarks.case.celery_worker import application  # noqa: PLC0415 -- only here installed

    greet = application().tasks[TYPE]
    for _ in range(jobs):
        greet.apply_async(kwargs={"customer_id": "c-1", "name": "Ada Lovelace"})


_CASES: dict[str, Callable[[int], None]] = {
    case.__name__: case for case in (raw, raw_threads, workerless_full, celery)
}


def main() -> None:
    name, jobs = sys.argv[1], int(sys.argv[2])
    canned.install(round_trip=ROUND_TRIP)
    _CASES[name](_TEN * 2)  # clients made, modules loaded
    before = time.perf_counter()
    _CASES[name](jobs)
    print(jobs / (time.perf_counter() - before))


if __name__ == "__main__":
    main()
