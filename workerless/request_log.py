"""The correlation id that a program's own log lines have, where it writes them with Powertools.

Read where Powertools keeps it, in a program that has loaded it: never loaded, never changed here.

https://docs.aws.amazon.com/powertools/python/latest/core/logger/#setting-a-correlation-id
"""

import logging
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_KEY = "correlation_id"
_MOST_CHARACTERS = 256


def logged_correlation(powertools: ModuleType) -> str | None:
    """That of the request at work; None where no logger has one, or two have different ones.

    Nor is it one that no message could have: it has 1 to 256 printable characters. ``powertools``
    is the module of its formatters.
    """
    told = {value for one in _formatters(powertools) if (value := _of(one)) is not None}
    return told.pop() if len(told) == 1 else None


def _formatters(powertools: ModuleType) -> Iterator[Any]:
    kind = getattr(powertools, "LambdaPowertoolsFormatter", ())  # not yet, while it is loaded
    for logger in list(logging.root.manager.loggerDict.values()):
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler.formatter, kind):
                yield handler.formatter


def _of(formatter: Any) -> str | None:
    """What this thread or task said counts more than what was said for all."""
    value = formatter.thread_safe_get_current_keys().get(_KEY) or formatter.log_format.get(_KEY)
    fits = isinstance(value, str) and 0 < len(value) <= _MOST_CHARACTERS and value.isprintable()
    return value if fits else None
