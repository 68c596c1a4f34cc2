"""import_records of a long file: its time and its memory. ``make nightly`` has a million rows."""

import logging
import os
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from time import process_time
from typing import TYPE_CHECKING, Any, Self, cast

import pytest

from functions.import_records.handler import Stage, import_file
from functions.import_records.job import ImportRecords, Place, RecordsImported, import_records
from functions.import_records.source import RANGE_BYTES
from functions.save_records.job import MOST_RECORDS, SaveRecords
from tests.functions.importing import SOURCE, FilesInMemory, csv_of
from workerless.client import Client
from workerless.execution.checkpoints import Checkpoints
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from workerless.record import Checkpoint

ROWS = int(os.environ.get("IMPORT_ROWS", "40000"))


@dataclass
class Batches:
    """A client and its batch, which takes note of what it was given, and keeps none of it."""

    firsts: list[int] = field(default_factory=list)
    saved: int = 0
    is_let_go: bool = False

    def batch(self, _description: str, *, batch_id: str, **_: Any) -> Self:
        assert batch_id == "import-7.1"
        return self

    def add_many(
        self,
        _job_type: object,
        batches: Sequence[SaveRecords],
        *,
        idempotency_key: Callable[[SaveRecords], str],
        **_: Any,
    ) -> None:
        for batch in batches:
            assert idempotency_key(batch) == str(batch.first_row)
            self.firsts.append(batch.first_row)
            self.saved += len(batch.model_dump(mode="json")["records"])

    def let_go(self) -> None:
        self.is_let_go = True


@dataclass
class Run:
    """One attempt of an import, alone in the world."""

    data: bytes
    batches: Batches = field(default_factory=Batches)
    kept: "list[Checkpoint]" = field(default_factory=list)

    def __call__(self) -> RecordsImported:
        s3 = FilesInMemory({SOURCE: self.data})
        stage = Stage(s3=s3.client, bucket="bucket", client=cast("Client", self.batches))
        return import_file(ImportRecords(source=SOURCE), self._job(), stage)

    def _job(self) -> JobContext[Place]:
        clock, timeout = FakeClock(), import_records.timeout
        checkpoints = Checkpoints(
            None,
            token="",
            kind=Place,
            timeout=timeout,
            save=self._keep,
        )
        return JobContext(
            job_id="import-7",
            job_type="import_records",
            attempt=1,
            max_attempts=5,
            deadline=clock.now() + timeout,
            logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
            clock=clock,
            save_progress=lambda _progress, _at: True,
            steps=Steps({}, lambda _steps: True),
            checkpoints=checkpoints,
        )

    def _keep(self, to: "Checkpoint", _at: datetime) -> bool:
        self.kept.append(to)
        return True


def test_long_file_is_read_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    bad = frozenset(range(500, ROWS, 1_000))
    run, began = Run(csv_of(ROWS, bad=bad)), process_time()

    result = run()

    seconds = process_time() - began
    assert (result.rows, result.rejected) == (ROWS, len(bad))
    assert run.batches.saved == result.accepted == ROWS - len(bad)
    assert {after - one for one, after in pairwise(run.batches.firsts)} == {MOST_RECORDS}
    assert run.batches.is_let_go
    assert len(run.kept) == -(-ROWS // 4_000)
    with capsys.disabled():
        rate = ROWS / seconds
        print(f"\n{ROWS:,} rows, {len(run.data):,} bytes in {seconds:.1f} s, {rate:,.0f} rows/s")
    assert timedelta(seconds=seconds) < ROWS * timedelta(milliseconds=1)


def test_memory_is_that_of_some_ranges_and_not_of_the_file() -> None:
    data = csv_of(max(ROWS, 120_000))
    run = Run(data)
    assert len(data) > RANGE_BYTES

    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8 * RANGE_BYTES, f"{peak:,} bytes"
