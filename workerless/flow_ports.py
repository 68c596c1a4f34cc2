"""What flow control needs of the world: one small port for each mechanism, over the one table."""

from collections.abc import Sequence
from typing import Protocol

from workerless.flow.breaker import Breaker
from workerless.flow.pacing import Ask, Stand, Step
from workerless.flow.permits import Holder, Permits, Waiter
from workerless.flow.settings import FlowSettings
from workerless.frozen import frozen
from workerless.ports import Store


class SettingsStore(Protocol):
    """The settings of job types by name, and the stage's (``settings.STAGE``).

    Reads are consistent. Both raise ``StoreUnavailableError``.
    """

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        """The settings of each, in order; ``NO_SETTINGS`` where nobody has made any."""
        ...

    def save(self, name: str, settings: FlowSettings) -> bool:
        """Keep them with ``version`` one higher, if they are those that were read; False where not.

        The caller's own write, repeated since its answer was lost, is no conflict.
        """
        ...


class BreakerStore(Protocol):
    """Circuit breakers by the name of their dependency. Both raise ``StoreUnavailableError``."""

    def read(self, name: str) -> Breaker:
        """As it stands now; ``breaker.NEW`` where nobody has needed it yet."""
        ...

    def save(self, name: str, breaker: Breaker) -> bool:
        """Keep it with ``version`` one higher, if it is the one that was read; False where not.

        The caller's own write, repeated since its answer was lost, is no conflict.
        """
        ...


@frozen
class Permitted:
    """Whether the permits of a key were changed, and what stands there now."""

    is_done: bool
    permits: Permits


class PermitStore(Protocol):
    """Permits and lines of concurrency keys, by the key's name (``permits.py``).

    Each write is atomic, and safe to repeat: what it asks for stands there, or the answer says what
    does. All raise ``StoreUnavailableError``.
    """

    def take(self, name: str, holder: Holder, limit: int) -> Permitted:
        """Add ``holder``, if its job has no permit and fewer than ``limit`` are out."""
        ...

    def await_one(self, name: str, limit: int) -> Permitted:
        """Note that there is a line, if ``limit`` permits are out."""
        ...

    def release(self, name: str, holder: Holder) -> Permitted:
        """Take the permit of ``holder`` back, if it is that very one and there is no line."""
        ...

    def change(self, name: str, before: Permits, after: Permits) -> Permitted:
        """Replace the permits, if they are those that were seen."""
        ...

    def join(self, name: str, waiter: Waiter) -> None:
        """Put a job into the line, or note that it asked again."""
        ...

    def line(self, name: str, limit: int) -> Sequence[Waiter]:
        """The first ``limit`` of the line. A consistent read."""
        ...

    def quit(self, name: str, waiter: Waiter) -> None:
        """Take a job out of the line, unless it has asked again since."""
        ...


@frozen
class Stepped:
    """Whether a limiter was moved, and how it stands: None where nobody has asked it yet."""

    is_done: bool
    stand: Stand | None


class RateStore(Protocol):
    """The limiters of a stage."""

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        """Take a slot or a place, if ``pacing.may`` allows it. Raises ``StoreUnavailableError``."""
        ...


class FlowStores(Protocol):
    """The stores of all mechanisms. Each is made when it is first asked for."""

    @property
    def settings(self) -> SettingsStore: ...

    @property
    def breakers(self) -> BreakerStore: ...

    @property
    def permits(self) -> PermitStore: ...

    @property
    def rates(self) -> RateStore: ...

    @property
    def jobs(self) -> Store:
        """The records: who gives a permit back wakes the next job."""
        ...
