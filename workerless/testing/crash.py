"""A process that dies once a handler has returned, and before the record says so.

Or in the middle of it: once a checkpoint was kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workerless.ports import Clock
from workerless.record import Checkpoint
from workerless.states import State
from workerless.testing.store import InMemoryStore
from workerless.transition import Finish


class ProcessDeath(BaseException):
    """Ends an invocation as if its process had died. Only who plays Lambda catches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doom:
    """Whose completion kills its process: that of one job, or of any job of a type.

    With ``checkpoint`` it is the one that is kept as the so many-th from now on.
    """

    job_type: str
    job_id: str | None = None
    checkpoint: int | None = None

    def meets(self, job_type: object, job_id: object) -> bool:
        return job_type == self.job_type and self.job_id in (None, job_id)


class MortalStore(InMemoryStore):
    """A store in memory whose callers can die: see ``doom``."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.doom: Doom | None = None
        self.caller_is_dead = False

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        """Raises ``ProcessDeath`` once the doomed job has kept as many as it may."""
        kept = super().checkpoint(job_id, token, to, at)
        (record,) = self.get_many([job_id])
        doom = self.doom
        if not (kept and record and doom and doom.checkpoint):
            return kept
        if doom.meets(record.job_type, job_id):
            self.doom = replace(doom, checkpoint=doom.checkpoint - 1)
            if doom.checkpoint == 1:
                self.doom, self.caller_is_dead = None, True
                raise ProcessDeath
        return kept

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        """Raises ``ProcessDeath`` for the doomed job, and to its process from then on."""
        if self.caller_is_dead or any(self._is_doomed(finish) for finish in finishes):
            self.doom, self.caller_is_dead = None, True
            raise ProcessDeath
        return super().finish_many(finishes)

    def check(self, lines: Iterable[Mapping[str, object]]) -> None:
        """The same for a job without a record, once telemetry tells that it completed."""
        for line in lines:
            done = line["event"] == "job.completed"
            if done and self.doom and self.doom.meets(line["job_type"], line["job_id"]):
                self.doom = None
                raise ProcessDeath

    def _is_doomed(self, finish: Finish) -> bool:
        (record,) = self.get_many([finish.job_id])
        return (
            self.doom is not None
            and self.doom.checkpoint is None
            and finish.state is State.COMPLETED
            and record is not None
            and self.doom.meets(record.job_type, record.job_id)
        )
