"""The settings of flow control as a dictionary."""

from collections.abc import Sequence
from threading import Lock

from workerless.flow.settings import NO_SETTINGS, FlowSettings
from workerless.frozen import replace


class InMemorySettings:
    """Those of one stage."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, FlowSettings] = {}

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        with self._lock:
            return [self._kept.get(name, NO_SETTINGS) for name in names]

    def save(self, name: str, settings: FlowSettings) -> bool:
        """True also where it stands there already."""
        new = replace(settings, version=settings.version + 1)
        with self._lock:
            if self._kept.get(name, NO_SETTINGS).version == settings.version:
                self._kept[name] = new
            return self._kept[name] == new
