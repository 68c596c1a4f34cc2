"""Every double in one place."""

from workerless.testing.blobs import InMemoryBlobs
from workerless.testing.clock import FakeClock
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.ledger import InMemoryLedger
from workerless.testing.queue import InMemoryQueue
from workerless.testing.store import InMemoryStore
from workerless.testing.telemetry import RecordingTelemetry

__all__ = [
    "FakeClock",
    "InMemoryBlobs",
    "InMemoryDirectory",
    "InMemoryQueue",
    "InMemoryLedger",
    "InMemoryStore",
    "RecordingTelemetry",
]
