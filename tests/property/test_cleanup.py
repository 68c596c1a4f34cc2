"""cleanup_expired in random histories: what anybody needs stays, what nobody needs goes.

Files are kept by the rules of production (``payload_keep``, ``keep_payload``, ``Term``); no
lifecycle rule helps, and none saves a file that was removed too early.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cleanup_expired.job import Kind, Swept
from functions.cleanup_expired.sweeping import Found, Run, sweep_files
from workerless.data_ref import DataRef, payload_keep, payload_key
from workerless.errors import BlobNotFoundError
from workerless.lifetime import Term
from workerless.payload_file import Wait, keep_payload
from workerless.testing.memory import FakeClock

DAY = timedelta(days=1)
IN_QUEUE = 4 * DAY
AS_LETTER = 13 * DAY
ARCHIVED = 400 * DAY
DIGEST = "0" * 64

DELAYS = [0 * DAY, DAY, 5 * DAY, 40 * DAY]
RETENTIONS = [DAY, 7 * DAY, 200 * DAY]


@dataclass(slots=True, kw_only=True)
class Job:
    """``needed_until`` is when the last of its messages, letters and archives is gone."""

    job_id: str
    enqueued_at: datetime
    failed_retention: timedelta
    is_tracked: bool
    due: datetime
    needed_until: datetime
    is_over: bool = False
    record_until: datetime | None = None
    letter_until: datetime | None = None
    asked_until: datetime

    @property
    def ref(self) -> DataRef:
        return DataRef(bucket="files", key=payload_key("note", self.job_id, DIGEST), digest=DIGEST)


class Shelf:
    """Blobs and the bucket in one: files with tags, and nobody else removes any."""

    bucket = "files"

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.files: dict[str, tuple[datetime, Term]] = {}

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        now = self._clock.now()
        self.files[key] = (now, Term.of(keep, written_at=now, now=now))

    def extend(self, key: str, *, keep: timedelta) -> None:
        if key not in self.files:
            raise BlobNotFoundError(key)
        written_at, term = self.files[key]
        longer = Term.of(keep, written_at=written_at, now=self._clock.now())
        self.files[key] = (
            written_at,
            Term.read(term.or_longer(longer).tags(), written_at=written_at),
        )

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        raise AssertionError("nobody reads here")

    def page(self, prefix: str, after: str | None, limit: int) -> Sequence[Found]:
        keys = sorted(key for key in self.files if key.startswith(prefix) and key > (after or ""))
        return [Found(key=k, size_bytes=1, written_at=self.files[k][0]) for k in keys[:limit]]

    def free_on(self, key: str) -> date | None:
        return self.files[key][1].free_on

    def remove(self, key: str) -> None:
        del self.files[key]


class History:
    """Jobs of one type with big payloads, and the cleaner between any two of their steps."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.clock = FakeClock()
        self.shelf = Shelf(self.clock)
        self.jobs: list[Job] = []
        self.after: str | None = None

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def step(self) -> None:
        job = self.rng.choice(self.jobs) if self.jobs else None
        if job is None or self.rng.random() < 0.3:
            self.enqueue()
        elif not job.is_over and self.now >= job.due:
            self.rng.choice([self.waits, self.completes, self.fails])(job)
        else:
            self.days_pass()

    def enqueue(self) -> None:
        """Some producers die before the record: the file is all that is left."""
        delay, retention = self.rng.choice(DELAYS), self.rng.choice(RETENTIONS)
        keep, dies = payload_keep(delay, retention), self.rng.random() < 0.1
        job = Job(
            job_id=f"job-{len(self.jobs):03}",
            enqueued_at=self.now,
            failed_retention=retention,
            is_tracked=self.rng.random() < 0.7,
            is_over=dies,
            due=self.now + delay,
            needed_until=self.now if dies else self.now + delay + IN_QUEUE,
            asked_until=self.now + keep,
        )
        self.shelf.put(job.ref.key, b"", keep=keep)
        self.jobs.append(job)

    def waits(self, job: Job) -> None:
        wait = self.rng.choice(DELAYS)
        until = self.now + wait
        told = Wait(enqueued_at=job.enqueued_at, now=self.now, until=until)
        keep_payload(job.ref, self.shelf, wait=told, failed_retention=job.failed_retention)
        job.due, job.needed_until = until, until + IN_QUEUE
        asked = self.now + payload_keep(wait, job.failed_retention)
        job.asked_until = max(job.asked_until, asked)

    def completes(self, job: Job) -> None:
        job.is_over, job.needed_until = True, self.now
        if job.is_tracked:
            job.record_until = self.now + self.rng.choice(RETENTIONS)

    def fails(self, job: Job) -> None:
        """Its letter is archived after 13 days; an untracked job is filed at once."""
        job.is_over = True
        if job.is_tracked:
            job.record_until = self.now + job.failed_retention
            job.letter_until = job.needed_until = self.now + AS_LETTER
        else:
            job.record_until = self.now + ARCHIVED
            self._keep(job, ARCHIVED)

    def days_pass(self) -> None:
        """And a run looks at some files, first without touching them."""
        for _ in range(self.rng.choice([1, 10, 60])):
            self.clock.advance(DAY)
            for job in self.jobs:
                self._grow_old(job)
        before = dict(self.shelf.files)
        limit = self.rng.randint(1, 5)
        would, _ = self.clean(limit=limit, dry_run=True)
        assert self.shelf.files == before
        told, self.after = self.clean(limit=limit, dry_run=False)
        assert told == would
        assert told.removed == len(before) - len(self.shelf.files)

    def clean(self, *, limit: int, dry_run: bool) -> tuple[Swept, str | None]:
        run = Run(now=self.now, limit=limit, dry_run=dry_run, has_time=lambda: True)
        return sweep_files(Kind.PAYLOADS, self.after, run, files=self.shelf, records=self)

    def clean_all(self) -> None:
        """A pass may begin in the middle: the second sees all."""
        for _ in range(2):
            while True:
                told, self.after = self.clean(limit=3, dry_run=False)
                if told.is_through:
                    break

    def living(self, job_ids: Sequence[str]) -> set[str]:
        return {job.job_id for job in self.jobs if self.has_record(job)} & set(job_ids)

    def has_record(self, job: Job) -> bool:
        if not job.is_over:
            return job.is_tracked
        return job.record_until is not None and self.now < job.record_until

    def _grow_old(self, job: Job) -> None:
        if job.letter_until is not None and self.now >= job.letter_until:
            job.letter_until = None
            self._keep(job, ARCHIVED)
        if not job.is_over and self.now >= job.needed_until:
            self.fails(job)

    def _keep(self, job: Job, keep: timedelta) -> None:
        self.shelf.extend(job.ref.key, keep=keep)
        job.needed_until = self.now + keep
        job.asked_until = max(job.asked_until, job.needed_until)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_nothing_that_is_needed_goes_and_all_else_does(seed: int) -> None:
    history = History(Random(seed))

    for _ in range(60):
        history.step()

        for job in history.jobs:
            if history.has_record(job) or history.now < max(job.needed_until, job.asked_until):
                assert job.ref.key in history.shelf.files, job
    history.clean_all()

    long_over = [job for job in history.jobs if history.now > job.asked_until + 2 * DAY]
    left = [job for job in long_over if job.ref.key in history.shelf.files]
    assert [job for job in left if not history.has_record(job)] == []
