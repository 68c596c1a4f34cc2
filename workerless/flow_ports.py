"""What flow control needs of the world: one small port for each mechanism, over the one table."""

from collections.abc import Sequence
from typing import Protocol

from workerless.flow.settings import FlowSettings


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


class FlowStores(Protocol):
    """The stores of all mechanisms. Each is made when it is first asked for."""

    @property
    def settings(self) -> SettingsStore: ...
