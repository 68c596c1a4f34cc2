"""Calls that need nothing of each other: in turn, or several at once.

A worker's few calls go in turn. A producer of thousands of jobs waits for the network above all,
and sixteen calls at once keep one core busy.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

# As many connections a client keeps (``session.py``).
AT_ONCE = 16


class Spread(Protocol):
    """Makes ``call`` once for every one of ``items``; answers in their order.

    Raises what the first of them in order raised. By then some of those after it may have been
    made, and none is still under way.
    """

    def __call__[T, R](self, call: Callable[[T], R], items: Sequence[T]) -> list[R]: ...


def in_turn[T, R](call: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """One after the other, none after one that raised."""
    return [call(item) for item in items]


def at_once[T, R](call: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """In up to sixteen threads; ``call`` must be safe in them, as clients of botocore are."""
    if len(items) < 2:  # noqa: PLR2004 -- a thread for one call helps nobody
        return in_turn(call, items)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 -- workers never come here

    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(items))) as pool:
        return list(pool.map(call, items))
