"""How a job type does, out of the rows of its last thousand jobs: durable, whoever asks."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workerless.operations.statistic import Spread, error_rate, per_minute, spread
from workerless.operator_ports import SearchStore
from workerless.ports import Address
from workerless.search import Listed, Search
from workerless.states import State
from workerless.tracking import Tracking

SAMPLES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMetrics:
    """The last jobs that completed or failed, at most 1,000.

    ``latency`` is how long their last attempts took, ``wait_time`` how long these had waited since
    they were due, in milliseconds. ``throughput`` is jobs that ended a minute, lately.
    ``error_rate``, 0 to 1, is None of ten jobs or fewer. A job type that is not fully tracked
    lists no job that completed, so nothing is told of it. ``durations`` are what ``latency`` is of.
    """

    latency: Spread = field(default_factory=Spread)
    wait_time: Spread = field(default_factory=Spread)
    throughput: float | None = None
    error_rate: float | None = None
    samples: int = 0
    durations: tuple[timedelta, ...] = ()

    def shape(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "latency": asdict(self.latency),
            "waitTime": asdict(self.wait_time),
            "throughput": self.throughput,
            "errorRate": self.error_rate,
            "samples": self.samples,
        }


def metrics(store: SearchStore, address: Address, now: datetime) -> QueueMetrics:
    """Those of one job type."""
    if address.tracking is not Tracking.FULL:
        return QueueMetrics()
    rows: list[Listed] = []
    for state in (State.COMPLETED, State.FAILED):
        rows += _last(store, Search(job_type=address.job_type, states=frozenset({state})))
    is_all = len(rows) <= SAMPLES
    rows = sorted(rows, key=lambda row: row.updated_at, reverse=True)[:SAMPLES]
    ran = [(row.run_at, row.started_at, row.finished_at or row.updated_at) for row in rows]
    durations = tuple(end - start for _, start, end in ran if start is not None)
    return QueueMetrics(
        latency=spread(durations),
        wait_time=spread([start - due for due, start, _ in ran if start is not None]),
        throughput=per_minute([end for _, _, end in ran], now, is_all=is_all),
        error_rate=error_rate(sum(row.state is State.FAILED for row in rows), len(rows)),
        samples=len(rows),
        durations=durations,
    )


def _last(store: SearchStore, search: Search) -> list[Listed]:
    """One more than the sample tells whether there are more; a page may be short."""
    rows: list[Listed] = []
    cursor = None
    while len(rows) <= SAMPLES:
        hits = store.search(search, limit=min(SAMPLES + 1 - len(rows), SAMPLES), cursor=cursor)
        rows += hits.rows
        cursor = hits.cursor
        if cursor is None:
            break
    return rows
