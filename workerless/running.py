"""What a running attempt notes of its job before it ends. Pure; ``transition.py`` has all else.

A store applies these while the job runs under the token of the attempt, and never after.
"""

from collections.abc import Mapping
from datetime import datetime

from workerless.frozen import replace
from workerless.record import Checkpoint, Progress, Record


def progressed(record: Record, progress: Progress, at: datetime) -> Record:
    """The record of a running job that told how far it is."""
    return replace(record, progress=progress, updated_at=at)


def checkpointed(record: Record, checkpoint: Checkpoint, at: datetime) -> Record:
    """The record of a running job that told from where it can go on."""
    return replace(record, checkpoint=checkpoint, updated_at=at)


def alive(record: Record, at: datetime) -> Record:
    """The record of a running job whose process lives: nothing of the job itself has changed."""
    return replace(record, heartbeat_at=at)


def remembered(record: Record, steps: Mapping[str, str], at: datetime) -> Record:
    """The record of a running job with all that its steps gave so far."""
    return replace(record, steps=dict(steps), updated_at=at)
