"""Since when a job's failures count against its ``retry_within``, where that is not its start."""

import json
from datetime import datetime

from workerless.execution.awaiting import AT, PREFIX, instant_of
from workerless.record import Record


def begins_anew(record: Record, began_at: datetime) -> datetime:
    """``began_at``, or a later moment: its checkpoint last moved, or its last wait was over.

    By what its claim found. A wait that went on then has ended since, with this attempt's start.
    """
    notes = [json.loads(text) for key, text in record.steps.items() if key.startswith(PREFIX)]
    ends = [instant_of(note[AT]) if AT in note else record.started_at for note in notes]
    moved = record.checkpoint.at if record.checkpoint is not None else None
    return max(one for one in (began_at, moved, *ends) if one is not None)
