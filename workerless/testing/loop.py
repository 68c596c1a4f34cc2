"""Calling what runs an event loop of its own, also from where one runs already."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def outside_any_loop[T](call: Callable[[], T]) -> T:
    """``call`` in this thread, or beside it where an async test has its loop in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(copy_context().run, call).result()
