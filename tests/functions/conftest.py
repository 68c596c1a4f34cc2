"""What the tests of the job types share: an attempt's context, moto's AWS, webhook receivers."""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from tests.functions.receiver import Receiver, Server
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps
from workerless.record import Progress

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class SteppingClock:
    """Two seconds later each time it is read, so that every progress is written."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(seconds=2)
        return self._now

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        raise AssertionError("no handler of ours asks for this")

    def sleep(self, duration: timedelta) -> None:
        self._now += duration

    async def pause(self, duration: timedelta) -> None:
        self._now += duration


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def told() -> list[tuple[float, str | None]]:
    """What the job told of its progress."""
    return []


@pytest.fixture
def job(told: list[tuple[float, str | None]]) -> JobContext:
    def save(progress: Progress, at: datetime) -> bool:
        told.append((round(progress.percent), progress.step))
        return True

    return JobContext(
        job_id="order:58213.welcome",
        job_type="any",
        attempt=1,
        max_attempts=3,
        deadline=NOW + timedelta(minutes=1),
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=SteppingClock(),
        save_progress=save,
        steps=Steps({}, lambda _steps: True),
    )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account of moto's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def worker_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the environment of a worker function, and what its stage adds."""

    def set_all(**more: str) -> None:
        queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/workerless-test-any"
        names = {
            "WORKERLESS_STAGE": "test",
            "WORKERLESS_TABLE": "workerless-test",
            "WORKERLESS_BUCKET": "workerless-test-123456789012-eu-central-1",
            "WORKERLESS_QUEUE_URL": queue,
            "WORKERLESS_DEAD_LETTER_URL": f"{queue}-dead",
        }
        for name, value in {**names, **more}.items():
            monkeypatch.setenv(name, value)

    return set_all


class Serve(Protocol):
    def __call__(self, tls: ssl.SSLContext | None = None) -> Receiver: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts receivers, in plain text or with a certificate; all end with the test."""
    with ExitStack() as stack:

        def start(tls: ssl.SSLContext | None = None) -> Receiver:
            receiver = Receiver(behave=lambda _peer: None)
            receiver.answer(200)
            server = stack.enter_context(Server(receiver, tls))
            receiver.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(receiver.over.set)
            return receiver

        yield start


@pytest.fixture
def receiver(serve: Serve) -> Receiver:
    return serve()
