"""Waiting together."""

import asyncio
import time

from functions.act_async.job import ActAsync, ActedAsync, act_async

from workerless.worker import worker


async def perform(payload: ActAsync) -> ActedAsync:
    """Wait, then do as told."""
    started = time.monotonic()
    await asyncio.sleep(3600 if payload.deed == "sleep_for_ever" else payload.seconds)
    if payload.deed == "raise":
        raise RuntimeError("as told")
    if payload.deed == "system_exit":
        raise SystemExit(3)
    return ActedAsync(started=started, ended=time.monotonic())


handler = worker(act_async)(perform)
