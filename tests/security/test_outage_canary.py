"""While a store is down, the line that says so does not say what a handler was busy with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.loud import LoudTelemetry
from workerless.errors import BlobsUnavailableError, StoreUnavailableError
from workerless.execution.context import JobContext
from workerless.record import Progress
from workerless.testing.memory import InMemoryBlobs, InMemoryStore

MARK = "canary-0ff1"


class Refusal(Exception):
    """What a client of AWS raises."""


class DownStore(InMemoryStore):
    """Does not answer a job that runs, as the table does not."""

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        raise refused(StoreUnavailableError)

    def why_cancelled(self, job_id: str, token: str) -> str | None:
        raise refused(StoreUnavailableError)


class DownBlobs(InMemoryBlobs):
    """Takes no file, as the bucket does not."""

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        raise refused(BlobsUnavailableError)


def refused(kind: type[Exception]) -> Exception:
    """An error with what the client of AWS said, whatever is handled when that is raised."""
    try:
        quote(Refusal("SlowDown"))
    except Refusal as error:
        made = kind(str(error))
        made.__cause__ = error
    return made


def quote(error: Exception) -> None:
    raise error


def fails(payload: Task, job: JobContext) -> Done:
    raise ValueError(f"{payload.text}{'x' * 1_000}")


def tells(payload: Task, job: JobContext) -> Done:
    try:
        quote(ValueError(payload.text))
    except ValueError:
        job.progress(50)
    return Done(text="")


def asks(payload: Task, job: JobContext) -> Done:
    try:
        quote(ValueError(payload.text))
    except ValueError:
        job.raise_if_cancelled()
    return Done(text="")


@pytest.mark.parametrize(
    ("perform", "event"),
    [(fails, "details_lost"), (tells, "progress_lost"), (asks, "store_unavailable")],
)
def test_no_trouble_quotes_the_error_that_was_handled_when_it_came(
    perform: Callable[..., Any], event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(telemetry=LoudTelemetry())
    bench.store = DownStore(bench.clock)
    bench.blobs = DownBlobs(bench.clock)  # type: ignore[assignment]
    bench.connect()
    bench.handle(perform)
    bench.client.enqueue(TASK, Task(text=MARK))

    bench.deliver()

    told = capsys.readouterr()
    assert f'"{event}"' in told.out
    assert "SlowDown" in told.out
    assert MARK not in told.out + told.err
