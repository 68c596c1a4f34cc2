"""Asking AWS what is there: a refusal because there is no such thing answers None.

Any other failure is ``PlatformUnavailableError``, since silence is no fact.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import PlatformUnavailableError

_NOT_THERE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
}


def ask(what: str, call: Callable[[], Any]) -> Any:
    """What ``call`` answers; None where there is no such thing."""
    with told(what):
        try:
            return call()
        except NO_ANSWER as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise


@contextmanager
def told(what: str) -> Iterator[None]:
    """Whatever goes wrong within is that AWS did not tell about ``what``."""
    try:
        yield
    except NO_ANSWER as error:
        raise PlatformUnavailableError(
            f"AWS did not tell about {what}: {code_of(error)}: {error}"
        ) from error
