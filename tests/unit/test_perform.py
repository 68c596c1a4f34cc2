"""perform: a handler's signature says how it is called, and any other is refused."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from logging import LoggerAdapter, getLogger
from typing import Any

import pytest

from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.execution.perform import Perform
from workerless.execution.steps import Steps
from workerless.payload import Payload
from workerless.testing.memory import FakeClock


class Greet(Payload):
    """A greeting."""

    name: str


PAYLOAD = Greet(name="Ada")


@pytest.fixture
def job() -> JobContext:
    return JobContext(
        job_id="order:1",
        job_type="greet",
        attempt=1,
        max_attempts=3,
        deadline=datetime(2026, 11, 20, tzinfo=UTC),
        logger=LoggerAdapter(getLogger("tests"), {}),
        clock=FakeClock(),
        save_progress=lambda progress, at: True,
        steps=Steps({}, lambda _steps: True),
    )


def alone(payload: Greet) -> tuple[Any, ...]:
    return (payload,)


def both(payload: Greet, job: JobContext) -> tuple[Any, ...]:
    return (payload, job)


def with_default(payload: Greet, job: JobContext | None = None) -> tuple[Any, ...]:
    return (payload, job)


def configured(payload: Greet, *, greeting: str = "hello") -> tuple[Any, ...]:
    return (payload,)


def positional(payload: Greet, job: JobContext, /) -> tuple[Any, ...]:
    return (payload, job)


async def alone_async(payload: Greet) -> tuple[Any, ...]:
    return (payload,)


async def both_async(payload: Greet, job: JobContext) -> tuple[Any, ...]:
    return (payload, job)


class Handler:
    def method(self, payload: Greet, job: JobContext) -> tuple[Any, ...]:
        return (payload, job)

    def __call__(self, payload: Greet) -> tuple[Any, ...]:
        return (payload,)


class AsyncHandler:
    async def __call__(self, payload: Greet, job: JobContext) -> tuple[Any, ...]:
        return (payload, job)


@pytest.mark.parametrize(
    ("function", "takes_context"),
    [
        (alone, False),
        (both, True),
        (with_default, True),
        (configured, False),
        (positional, True),
        (partial(both), True),
        (Handler(), False),
        (Handler().method, True),
    ],
)
def test_sync_handler_gets_what_it_takes(
    function: Callable[..., Any],
    takes_context: bool,  # noqa: FBT001 -- a table's column
    job: JobContext,
) -> None:
    perform = Perform.of(function)

    value = perform.call(PAYLOAD, job if takes_context else None)

    assert not perform.is_async
    assert value == ((PAYLOAD, job) if takes_context else (PAYLOAD,))


@pytest.mark.parametrize(
    "function",
    [alone_async, both_async, AsyncHandler(), partial(both_async), partial(AsyncHandler())],
)
def test_async_handler_is_known_as_one(function: Callable[..., Any], job: JobContext) -> None:
    perform = Perform.of(function)

    value = asyncio.run(perform.call(PAYLOAD, job if perform.takes_context else None))

    assert perform.is_async
    assert value[0] == PAYLOAD


def nothing() -> None: ...


def three(payload: Greet, job: JobContext, more: str) -> None: ...


def anything(*args: object) -> None: ...


def keyword(*, payload: Greet) -> None: ...


def demanding(payload: Greet, *, greeting: str) -> None: ...


@pytest.mark.parametrize("function", [nothing, three, anything, keyword, demanding])
def test_other_handler_is_refused_by_name(function: Callable[..., Any]) -> None:
    with pytest.raises(DeclarationError, match=r"must take \(payload\) or \(payload, job\)") as e:
        Perform.of(function)

    assert repr(function.__name__) in str(e.value)
