"""Coroutines at once on a loop that outlives them, each safe from what the others do to it."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

# What the jobs of a batch take turns with.
Turn = asyncio.Lock


def run_all(works: Sequence[Coroutine[Any, Any, None]], loop: asyncio.Runner) -> None:
    """Run every one of ``works`` to its end. Raises what the first of them raised, if any did.

    A task that raises ``SystemExit`` or ``KeyboardInterrupt`` stops the loop as well, and one that
    cancels all tasks there are cancels the one that waits: both are a job's doing, so the loop goes
    on for the others, and for whoever awaits that task.
    """
    tasks = [loop.get_loop().create_task(work) for work in works]
    while not all(task.done() for task in tasks):
        try:
            loop.run(_ended(tasks))
        except (SystemExit, KeyboardInterrupt, asyncio.CancelledError):
            continue
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)
