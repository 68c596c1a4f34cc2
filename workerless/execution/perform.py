"""The handler a team writes, in its four shapes, called in one way."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.payload import Payload

type Performs[P: Payload, R] = (
    Callable[[P], R]
    | Callable[[P, JobContext], R]
    | Callable[[P], Awaitable[R]]
    | Callable[[P, JobContext], Awaitable[R]]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform:
    """A handler, and what its signature says: sync or async, with or without a ``JobContext``."""

    function: Callable[..., Any]
    is_async: bool
    takes_context: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Perform":
        """Raises ``DeclarationError`` unless it takes (payload) or (payload, job)."""
        takes = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind
            in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        ]
        if len(takes) not in (1, 2):
            raise DeclarationError(
                "a handler must take (payload) or (payload, job), "
                f"got {getattr(function, '__name__', function)!r} with {len(takes)} parameters"
            )
        return cls(
            function=function,
            is_async=inspect.iscoroutinefunction(function),
            takes_context=len(takes) == 2,  # noqa: PLR2004 -- payload and job
        )

    def call(self, payload: Payload, job: JobContext) -> Any:
        """The handler's return value; of an async handler, its coroutine."""
        return self.function(payload, job) if self.takes_context else self.function(payload)
