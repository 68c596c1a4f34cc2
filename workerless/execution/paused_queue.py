"""Jobs whose messages stand in a queue that nobody reads for now, because people paused it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workerless.flow_ports import SettingsStore
from workerless.record import Record

# SQS drops a message after four days: another is sent in the first hours after each three. Looks
# are an hour apart, and may come late.
_PATIENCE = timedelta(days=3)
_HOURS = timedelta(hours=2)


def in_paused_queue(records: Sequence[Record], store: SettingsStore, now: datetime) -> set[str]:
    """The ids of those late jobs that need no other message yet. Raises as ``store`` does."""
    names = sorted({one.job_type for one in records})
    settings = dict(zip(names, store.read_many(names), strict=True)) if names else {}
    return {
        one.job_id
        for one in records
        if settings[one.job_type].paused(now, lane=one.lane) is not None
        and (now - one.run_at) % _PATIENCE >= _HOURS
    }
