"""The handler a team writes, in its four shapes, called in one way."""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.frozen import frozen
from workerless.payload import Payload

if TYPE_CHECKING:
    from workerless.execution.tracing import Tracing

TRACING = "workerless_tracing"
"""The attribute in which a handler has its tracer; decorators that copy attributes keep it."""
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

type Performs[P: Payload, R, C = Any] = (
    Callable[[P], R]
    | Callable[[P, JobContext[C]], R]
    | Callable[[P], Awaitable[R]]
    | Callable[[P, JobContext[C]], Awaitable[R]]
)


@frozen
class Perform:
    """A handler, and what its signature says: sync or async, with or without a ``JobContext``.

    ``tracing`` is told of its jobs, where somebody asked for that.
    """

    function: Callable[..., Any]
    is_async: bool
    takes_context: bool
    takes_many: bool = False
    tracing: "Tracing | None" = None

    @classmethod
    def of(cls, function: Callable[..., Any], *, takes_many: bool = False) -> "Perform":
        """Raises ``DeclarationError`` unless it takes (payload) or (payload, job).

        With ``takes_many`` it is given several of both at once.
        """
        parameters = inspect.signature(function).parameters.values()
        takes = [one for one in parameters if one.kind in _POSITIONAL]
        demands = [one for one in parameters if one.kind is one.KEYWORD_ONLY]
        if len(takes) not in (1, 2) or any(one.default is one.empty for one in demands):
            shapes = (
                "(payloads) or (payloads, jobs)" if takes_many else "(payload) or (payload, job)"
            )
            raise DeclarationError(
                f"a handler must take {shapes}, got "
                f"{getattr(function, '__name__', function)!r} with {inspect.signature(function)}"
            )
        return cls(
            function=function,
            is_async=_is_async(function),
            takes_context=len(takes) == 2,  # noqa: PLR2004 -- payload and job
            takes_many=takes_many,
            tracing=getattr(function, TRACING, None),
        )

    def call(self, payload: Payload, job: JobContext | None) -> Any:
        """The handler's return value; of an async handler, its coroutine.

        ``job`` is for the handler that takes one, None for any other.
        """
        return self.function(payload) if job is None else self.function(payload, job)


def _is_async(function: Callable[..., Any]) -> bool:
    """Also of an object whose ``__call__`` is a coroutine function, and of a partial of one."""
    while isinstance(function, partial):
        function = function.func
    called = getattr(type(function), "__call__", None)  # noqa: B004 -- the method, not whether
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
