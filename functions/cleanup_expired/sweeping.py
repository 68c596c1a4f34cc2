"""What may go, and looking through one kind. Knows its ports, and nothing of AWS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from functions.cleanup_expired.job import PREFIXES, Kind, Swept

# Payloads and errors are kept for 30 days at least, results for hours: a day beyond the shortest
# spares the question for most. It also covers who is writing a file just now, its record to come.
MIN_AGE = timedelta(days=1)
# Clocks differ: of who wrote the file, S3's, ours.
SKEW = timedelta(hours=1)
# Records are asked for in hundreds.
PAGE = 100
# payloads/<job type>/<job>/<file>, and so for results and errors.
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file of the bucket."""

    key: str
    size_bytes: int
    written_at: datetime

    @property
    def job_id(self) -> str | None:
        """Whose file it is; None where its key does not tell."""
        parts = self.key.split("/")
        return parts[2] if len(parts) == _PARTS else None


class Files(Protocol):
    """The stage's bucket."""

    def page(self, prefix: str, after: str | None, limit: int) -> Sequence[Found]:
        """Files in the order of their keys, ``after`` excluded; fewer than ``limit``: the last."""
        ...

    def free_on(self, key: str) -> date | None:
        """The first day on which nobody needs it; None where it does not say, or is gone."""
        ...

    def remove(self, key: str) -> None: ...


class Records(Protocol):
    """The records of all jobs."""

    def living(self, job_ids: Sequence[str]) -> set[str]:
        """Those whose job has a record that is not past its time. Consistent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The bounds of one run, the same for each kind."""

    now: datetime
    limit: int
    dry_run: bool
    has_time: Callable[[], bool]


def sweep_files(
    kind: Kind, after: str | None, run: Run, *, files: Files, records: Records
) -> tuple[Swept, str | None]:
    """Look through the files of a kind, and where to go on: None from the start.

    A file goes once the day has come from which on nobody needs it, as whoever wrote or extended it
    said, and no record of its job lives. Each is asked anew right before it is removed. One that
    says no day is not ours to judge.
    """
    seen = removed = size_bytes = 0
    is_through = False
    while not is_through and seen < run.limit and run.has_time():
        wanted = min(PAGE, run.limit - seen)
        page = files.page(PREFIXES[kind], after, wanted)
        for file in _orphans(kind, page, run.now, records):
            if _is_free(files.free_on(file.key), run.now):
                removed, size_bytes = removed + 1, size_bytes + file.size_bytes
                if not run.dry_run:
                    files.remove(file.key)
        seen += len(page)
        is_through = len(page) < wanted
        after = None if is_through else page[-1].key
    told = Swept(seen=seen, removed=removed, size_bytes=size_bytes, is_through=is_through)
    return told, after


def _orphans(kind: Kind, page: Sequence[Found], now: datetime, records: Records) -> list[Found]:
    """Old files without a living record; an archive never had one under its name."""
    old = [file for file in page if now - file.written_at > MIN_AGE]
    if kind is Kind.ARCHIVES:
        return old
    ids = {file.job_id for file in old if file.job_id is not None}
    living = records.living(sorted(ids)) if ids else set()
    return [file for file in old if file.job_id is not None and file.job_id not in living]


def _is_free(free_on: date | None, now: datetime) -> bool:
    return free_on is not None and free_on <= (now - SKEW).date()
