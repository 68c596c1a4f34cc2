"""The settings that are in force, as one worker knows them: read when they are older than 2 s."""

from datetime import datetime, timedelta

from workerless.flow.settings import STAGE, FlowSettings, together
from workerless.flow_ports import SettingsStore

# What people change is in force so soon; a busy worker makes a call of DynamoDB as often.
MAX_AGE = timedelta(seconds=2)


class KnownSettings:
    """Those of one job type, with the stage's. All gates of a worker ask the same."""

    def __init__(self, store: SettingsStore, job_type: str) -> None:
        self._store = store
        self._names = (job_type, STAGE)
        self._known: tuple[datetime, FlowSettings] | None = None

    def at(self, now: datetime, *, max_age: timedelta = MAX_AGE) -> FlowSettings:
        """What is in force, as it was at most ``max_age`` ago. Raises ``StoreUnavailableError``."""
        if self._known is not None:
            read_at, settings = self._known
            if abs(now - read_at) < max_age:
                return settings
        own, stage = self._store.read_many(self._names)
        settings = together(own, stage)
        self._known = (now, settings)
        return settings
