"""The store of a job type with tracking off: grants all, remembers nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from workerless.errors import WorkerlessError
from workerless.ports import Claimed
from workerless.record import Checkpoint, Progress, Record
from workerless.transition import Claim, Finish, Verdict, claimed


class UntrackedStore:
    """Every delivery is the only one there is, and whatever is written down is taken note of."""

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        return [Claimed(verdict=Verdict.GRANTED, record=claimed(None, claim)) for claim in claims]

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        return [True for _ in finishes]

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:  # noqa: ARG002 -- WorkerStore
        """Told to nobody: what is only for people to watch must not fail a job."""
        return True

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:  # noqa: ARG002 -- WorkerStore
        """Raises ``WorkerlessError``, for the same reason as ``remember``."""
        raise WorkerlessError(f"no checkpoint of job {job_id!r} can be kept: tracking is off")

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:  # noqa: ARG002 -- WorkerStore
        """Raises ``WorkerlessError``: a step that is forgotten would be repeated."""
        raise WorkerlessError(f"steps of job {job_id!r} cannot be kept, since tracking is off")

    def why_cancelled(self, job_id: str, token: str) -> str | None:  # noqa: ARG002 -- WorkerStore
        return None

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        return [None for _ in job_ids]
