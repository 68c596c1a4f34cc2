"""Where a job comes from: the job whose handler enqueues it, or the request that somebody works on.

What is enqueued takes its depth, its correlation, its trace and its parent from there.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


class Origin(Protocol):
    """What is at work here; a message is one. ``depth`` is -1 outside of handlers."""

    @property
    def job_id(self) -> str | None: ...

    @property
    def depth(self) -> int: ...

    @property
    def correlation_id(self) -> str | None: ...

    @property
    def traceparent(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    job_id: str | None = None
    depth: int = -1
    correlation_id: str | None = None
    traceparent: str | None = None


_POWERTOOLS = "aws_lambda_powertools.logging.formatter"
_here: ContextVar[Origin | None] = ContextVar("workerless_origin", default=None)
# Threads that a handler starts have no context of its: whatever runs here may be theirs.
_running: list[Origin] = []


class Handling:
    """Meanwhile the handler of a job is at work, which ``origin`` is."""

    # As a generator it would cost a quick job 2 % more.
    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def __enter__(self) -> None:
        self._token = _here.set(self._origin)
        _running.append(self._origin)

    def __exit__(self, *raised: object) -> None:
        _running.remove(self._origin)
        _here.reset(self._token)


@contextmanager
def told_of(job: Origin) -> Iterator[None]:
    """Meanwhile a hook is told of ``job``, whichever others are at work beside it."""
    token = _here.set(job)
    try:
        yield
    finally:
        _here.reset(token)


@contextmanager
def correlated(correlation_id: str | None, *, traceparent: str | None = None) -> Iterator[None]:
    """Have what is enqueued meanwhile belong to ``correlation_id``, in this thread or task.

    ``traceparent`` is the W3C trace context of the request. In a handler, its job stays the parent.
    What enqueueing is told itself counts more; it also refuses what cannot be one.
    """
    around = origin()
    told = _Told(
        job_id=around.job_id,
        depth=around.depth,
        correlation_id=correlation_id or correlation(),
        traceparent=traceparent or around.traceparent,
    )
    token = _here.set(told)
    try:
        yield
    finally:
        _here.reset(token)


def origin() -> Origin:
    """What is at work here.

    In a thread that is none of ours it is as if the deepest job had begun it that runs here; which
    of several it is nobody knows, so they tell only what they have in common.
    """
    return _here.get() or shared(_running)


def correlation() -> str | None:
    """What a job that is enqueued here belongs to; None outside of handlers and requests.

    A request that nobody told by ``correlated`` is that of the program's own log lines.
    """
    here = origin()
    told = _of(here)
    powertools = sys.modules.get(_POWERTOOLS)
    if told is not None or here.depth >= 0 or powertools is None:
        return told
    from workerless.request_log import logged_correlation  # noqa: PLC0415 -- as it says

    return logged_correlation(powertools)


def shared(origins: Sequence[Origin]) -> Origin:
    """That of several jobs at once: the depth of the deepest, and what they have in common."""
    if len(origins) == 1:
        return origins[0]
    return _Told(
        depth=max((one.depth for one in origins), default=-1),
        correlation_id=_same({_of(one) for one in origins}),
        traceparent=_same({one.traceparent for one in origins}),
    )


def _of(one: Origin) -> str | None:
    return one.correlation_id or one.job_id


def _same(values: set[str | None]) -> str | None:
    return values.pop() if len(values) == 1 else None
