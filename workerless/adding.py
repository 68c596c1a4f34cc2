"""The way to add to batches of a deployed stage from within a worker, which few of them ever do."""

from uuid import uuid4

from workerless.batching import Batching
from workerless.client_workflows import ClientWorkflows
from workerless.connecting import parts_of
from workerless.outbox import Outbox


def batching_in(stage: str) -> Batching:
    """With AWS credentials and region from the environment. Raises ``WorkerlessError``."""
    parts = parts_of(stage)
    outbox = Outbox(
        store=parts["store"],
        unique=parts["unique"],
        queue=parts["queue"],
        directory=parts["directory"],
        blobs=parts["blobs"],
        clock=parts["clock"],
        events=parts["events"],
        told=parts["told"],
    )
    return ClientWorkflows.of(parts["orchestra"], outbox, lambda: str(uuid4())).batching()
