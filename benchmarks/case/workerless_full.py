"""Workerless, everything tracked: claims, runs, finishes and tells of each job."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.batch import JOB_IDS, PAYLOADS, TYPE, Context, event
from workerless import JobType, Payload, Tracking
from workerless.message import Message
from workerless.worker import worker


class Greet(Payload):
    """Greets a customer."""

    customer_id: str
    name: str


def prepare() -> Callable[[], None]:
    return prepared(Tracking.FULL)


def prepared(tracking: Tracking) -> Callable[[], None]:
    """One invocation over the batch, tracked so far."""
    greet = JobType(
        name=TYPE,
        payload=Greet,
        timeout=timedelta(seconds=30),
        batch_size=10,
        tracking=tracking,
    )
    handler = worker(greet)(lambda _payload: None)
    bodies = [
        Message(
            job_id=job_id,
            job_type=TYPE,
            data=data,
            generation=1,
            time=datetime.now(UTC),
            correlation_id=job_id,
        ).body()
        for job_id, data in zip(JOB_IDS, PAYLOADS, strict=True)
    ]
    batch, context = event(bodies), Context()

    def run() -> None:
        answer = handler(batch, context)
        assert answer == {"batchItemFailures": []}, answer

    return run
