"""Fixtures: a client over ports in memory, and the log of what it stored and sent."""

from itertools import count

import pytest

from tests.unit.client.producer import NotedQueue, NotedStore
from workerless.client import Client
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.memory import FakeClock, InMemoryBlobs, InMemoryDirectory


@pytest.fixture
def log() -> list[str]:
    """What was stored and sent, in order."""
    return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock, log: list[str]) -> NotedStore:
    return NotedStore(clock, log)


@pytest.fixture
def queue(clock: FakeClock, log: list[str]) -> NotedQueue:
    return NotedQueue(clock, log)


@pytest.fixture
def client(clock: FakeClock, store: NotedStore, queue: NotedQueue) -> Client:
    ids = count(1)
    return Client(
        store=store,
        unique=InMemoryUniqueStore(store),
        queue=queue,
        blobs=InMemoryBlobs(clock),
        directory=InMemoryDirectory(["greet", "other"]),
        clock=clock,
        new_id=lambda: f"id-{next(ids)}",
    )
