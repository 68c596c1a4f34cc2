"""A job that waits for somebody's word, in a stage in memory."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workerless import Fixed, JobType, Payload, Result
from workerless.execution.context import JobContext
from workerless.redrive import Redrive
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

WEEK = timedelta(days=7)


class Expense(Payload):
    """An expense that somebody has to approve."""

    of: str = "ada"


class Approval(Payload):
    """The word of somebody who may give it."""

    by: str


class Booked(Result):
    """Who said so; nobody where nobody did in time."""

    by: str | None


EXPENSE = JobType(
    name="expense",
    payload=Expense,
    result=Booked,
    retry=Fixed(attempts=3, delay=timedelta(seconds=10)),
)


class Office:
    """``asked`` counts the mails that ask for approval, ``starts`` the calls of the handler."""

    def __init__(self, job_type: JobType[Any, Any] = EXPENSE) -> None:
        self.timeout = WEEK
        self.asked = 0
        self.starts = 0
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None
        self.tokens: list[str] = []
        self.stage = InMemoryStage(worker(job_type)(self.work))

    def work(self, expense: Expense, job: JobContext) -> Booked:
        del expense
        self.starts += 1
        job.once("ask", self._ask)
        self.before()
        approval = job.wait_for("approved", Approval, timeout=self.timeout)
        self.after()
        return Booked(by=approval.by if approval else None)

    def redrive(self, job_id: str) -> None:
        """As an operator does with one that has failed; the sweeper sends it."""
        (seen,) = self.stage.doubles.store.get_many([job_id])
        assert seen is not None
        now = self.stage.clock.now()
        self.stage.doubles.store.redrive_many([Redrive(seen=seen, by="ada", at=now, run_at=now)])

    def _ask(self) -> None:
        self.asked += 1
