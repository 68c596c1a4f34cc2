"""One measurement: so many jobs are asked for, and have ended."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.fan_in.cloud import Cloud
from benchmarks.fan_in.figures import Counts
from workerless import chord, result_of, summary_of_batch
from workerless.client import Client
from workerless.connecting import parts_of
from workerless.errors import WorkerlessError
from workerless.local.deploy import STAGE
from workerless.record import Record
from workerless.workflow.mark import member_id

_PATIENCE = timedelta(hours=2)

type Ask = Callable[[], Iterator[Sequence[str]]]
"""Asks for jobs and gives their ids; then waits for what follows them, and gives theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds from the start until all jobs were asked for (``filled``) and the last had ended.

    ``follows`` is how long after that what follows them began.
    """

    title: str
    jobs: int
    filled: float
    ended: float
    follows: float | None
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Jobs of the type ``tens`` come ten in an invocation, those of ``ones`` one by one."""

    cloud: Cloud
    client: Client

    def bare(self, name: str, jobs: int) -> Measured:
        """Jobs that are no members of anything."""

        def ask() -> Iterator[Sequence[str]]:
            made = self.client.enqueue_many(self.cloud.job_types[name], self._grains(name, jobs))
            yield [one.id for one in made]

        return self._measure(f"{name}, by themselves", jobs, ask, name)

    def batch(self, name: str, jobs: int) -> Measured:
        """Members of a batch with a callback."""
        gathered = self.cloud.job_types["gathered"]
        told = gathered.with_(ns=[summary_of_batch().completed])

        def ask() -> Iterator[Sequence[str]]:
            with self.client.batch("fan-in", on_completion=told) as batch:
                added = batch.add_many(self.cloud.job_types[name], self._grains(name, jobs))
            yield [one.id for one in added]
            callback = f"{batch.id}.1:on_completion"
            _expect((batch.wait(_PATIENCE).completed), jobs)
            _expect(self.client.job(callback).wait(_PATIENCE).result, {"total": jobs})
            yield [callback]

        return self._measure(f"{name}, a batch", jobs, ask, name)

    def chord(self, name: str, jobs: int) -> Measured:
        """Members of a group, whose results go to what follows."""
        job_type, gathered = self.cloud.job_types[name], self.cloud.job_types["gathered"]
        parts = [job_type.with_(n=n) for n in range(jobs)]
        part = chord(parts, gathered.with_(ns=result_of().n))
        names = [name, *(f"{name}_{nth}" for nth in range(2, jobs + 1))]

        def ask() -> Iterator[Sequence[str]]:
            run = self.client.start(part)
            group = member_id(run.id, "1:group")
            yield [member_id(group, f"1:{one}") for one in names]
            _expect(run.wait(_PATIENCE).state, "completed")
            _expect(run.result(), {"total": jobs * (jobs + 1) // 2})
            yield [member_id(run.id, "1:gathered")]

        return self._measure(f"{name}, a chord", jobs, ask, name)

    def _measure(self, title: str, jobs: int, ask: Ask, name: str) -> Measured:
        before, began = self.cloud.counts(), time.time()
        asked = ask()
        ids = next(asked)
        filled = time.time() - began
        after = next(asked, ())
        self.cloud.until_at_rest(name)
        counts = self.cloud.counts() - before
        ended = max(_finished(one) for one in _records(ids))
        starts = [one.started_at for one in _records(after) if one.started_at]
        return Measured(
            title=title,
            jobs=jobs,
            filled=filled,
            ended=ended.timestamp() - began,
            follows=(starts[0] - ended).total_seconds() if starts else None,
            counts=counts,
        )

    def _grains(self, name: str, jobs: int) -> list[Any]:
        payload = self.cloud.job_types[name].payload
        return [payload(n=n) for n in range(jobs)]


def _records(ids: Sequence[str]) -> list[Record]:
    found = parts_of(STAGE)["store"].get_many(ids) if ids else []
    return [one for one in found if one is not None]


def _finished(record: Record) -> datetime:
    _expect(record.state.value, "completed")
    return record.finished_at or record.updated_at


def _expect(got: object, wanted: object) -> None:
    if got != wanted:
        raise WorkerlessError(f"expected {wanted}, got {got}")
