"""What a stage gives its client, so that jobs run while the application under test goes on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from workerless.ports import Clock, Outgoing, SendFailure
from workerless.testing.queue import InMemoryQueue


class TellingQueue(InMemoryQueue):
    """Calls ``on_send`` before ``send_many`` returns."""

    on_send: Callable[[], object] | None = None

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        answers = super().send_many(address, messages)
        if self.on_send is not None:
            self.on_send()
        return answers


class BusyClock:
    """A clock in whose ``sleep`` jobs run: ``job.wait()`` finds them ended, and nobody waits."""

    def __init__(self, clock: Clock, advance: Callable[[timedelta], object]) -> None:
        self._clock = clock
        self._advance = advance

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, duration: timedelta) -> None:
        self._advance(duration)

    async def pause(self, duration: timedelta) -> None:
        self.sleep(duration)

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        return self._clock.later(delay, action)
