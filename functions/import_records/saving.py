"""The batch that an import fills: its progress is that of the rows that are saved.

Mostly there is one. Where it is full, or has ended since the import stood still for so long that
nobody waited for more, another one follows. Where somebody cancelled it the import ends.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from functions.import_records.job import Place
from functions.save_records.job import SaveRecords, save_records
from workerless import Fail
from workerless.batch_handle import Batch
from workerless.client import Client
from workerless.errors import BatchClosedError, BatchFullError
from workerless.execution.context import JobContext

# Longer than an import mostly stands still: while it is redriven, or its job type paused.
_HOLD = timedelta(days=1)
_LONGEST_ID = 100


class Saving:
    """``batch`` is the number of the batch at hand, from 1."""

    def __init__(self, client: Client, job: JobContext[Place], batch: int) -> None:
        self.batch = batch
        self._client = client
        self._job = job
        self._open: Batch | None = None

    def ids(self) -> list[str]:
        """Those of all batches so far."""
        return [_batch_id(self._job.job_id, number) for number in range(1, self.batch + 1)]

    def add(self, orders: Sequence[SaveRecords], place: Place) -> None:
        """Have these saved, which come after ``place``. Again they are the same jobs.

        Their rows name them within a batch, so another one is noted before any of them joins it.
        Raises ``Fail`` where the batch was cancelled.
        """
        if not orders:
            return
        try:
            self._add(orders)
        except (BatchClosedError, BatchFullError) as error:
            if isinstance(error, BatchClosedError) and error.is_called_off:
                raise Fail(f"the rest of the file is not wanted: {error}") from error
            self.let_go()
            self.batch, self._open = self.batch + 1, None
            self._job.checkpoint(place.model_copy(update={"batch": self.batch}))
            self._add(orders)

    def let_go(self) -> None:
        """No more follow: once all are saved the batch has ended."""
        self._opened().let_go()

    def _add(self, orders: Sequence[SaveRecords]) -> None:
        self._opened().add_many(
            save_records,
            orders,
            idempotency_key=lambda order: str(order.first_row),
            correlation_id=self._job.correlation_id,
        )

    def _opened(self) -> Batch:
        """The one that is there already, in an attempt that goes on."""
        if self._open is None:
            self._open = self._client.batch(
                f"rows of import {self._job.job_id}",
                batch_id=_batch_id(self._job.job_id, self.batch),
                tenant=self._job.tenant,
                correlation_id=self._job.correlation_id,
                hold=_HOLD,
            )
        return self._open


def _batch_id(job_id: str, number: int) -> str:
    if len(job_id) > _LONGEST_ID:
        job_id = hashlib.sha256(job_id.encode()).hexdigest()[:32]
    return f"{job_id}.{number}"
