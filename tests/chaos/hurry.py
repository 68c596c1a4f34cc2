"""Time that runs faster: leases of minutes end in seconds, and nothing else changes.

The library asks a clock what time it is and asks SQS for delays. Here the clock runs ``FACTOR``
times as fast and the delays are divided by it, so that both stay in step. Its grace times and lease
margins are what they are; only the film is played faster.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from workerless.aws.sqs import SqsQueue
from workerless.ports import Hide, Outgoing, Received, SendFailure

FACTOR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HurriedClock:
    """A ``Clock`` that agreed with the world's at ``since`` (epoch seconds), but for ``skew``."""

    since: float
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        elapsed = (time.time() - self.since) * FACTOR
        now = datetime.fromtimestamp(self.since + elapsed, UTC) + self.skew
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds() / FACTOR)

    async def pause(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds() / FACTOR)

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        timer = threading.Timer(delay.total_seconds() / FACTOR, action)
        timer.daemon = True
        timer.start()
        return timer.cancel


class HurriedQueue(SqsQueue):
    """SQS waits in whole seconds, rounded up: a message is late here, never early."""

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        hurried = [replace(message, delay=message.delay / FACTOR) for message in messages]
        return super().send_many(address, hurried)

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        return super().hide_many(
            address, [replace(hide, delay=hide.delay / FACTOR) for hide in hides]
        )

    def receive(self, address: str, *, limit: int, hide: timedelta) -> list[Received]:
        return super().receive(address, limit=limit, hide=hide / FACTOR)
