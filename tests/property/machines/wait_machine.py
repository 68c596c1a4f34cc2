"""One job that waits for two events, and everybody who may send it one, or something else."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from workerless import Fixed, Jitter, JobType, Payload, State
from workerless.errors import JobStateError
from workerless.execution.context import JobContext
from workerless.record import Record
from workerless.redrive import Redrive
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

HOUR = timedelta(hours=1)
NAMES = ("first", "second")
names = st.sampled_from(NAMES)


class Errand(Payload):
    """Waits for a word, and then for another."""


class Word(Payload):
    """A word."""

    by: str


ERRAND = JobType(
    name="errand",
    payload=Errand,
    retry=Fixed(attempts=3, delay=timedelta(minutes=1), jitter=Jitter.NONE),
    completed_retention=timedelta(days=365),
    failed_retention=timedelta(days=365),
)


class WaitMachine(RuleBasedStateMachine):
    """``taken`` is what senders were told is taken, by name; ``missed`` the generation in which the

    handler was told that nobody came. ``litter`` are names under which something was sent that does
    not fit, and that the job may not have seen yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, str] = {}
        self.missed: dict[str, int] = {}
        self.litter: set[str] = set()
        self.fails = 0
        self.stage = InMemoryStage(worker(ERRAND)(self._work))
        self.job = self.stage.client.enqueue(ERRAND, Errand())

    def _work(self, _: Errand, job: JobContext) -> None:
        for name in NAMES:
            word = job.wait_for(name, Word, timeout=8 * HOUR)
            if word is None:
                assert name not in self.taken, f"{name} was taken, and not had"
                self.missed[name] = self.record().generation
            else:
                assert self.taken.get(name) == word.by
            if self.fails:
                self.fails -= 1
                raise RuntimeError

    def record(self) -> Record:
        (record,) = self.stage.doubles.store.get_many([self.job.id])
        assert record is not None
        return record

    @rule(name=names, by=st.sampled_from("ab"))
    def send(self, name: str, by: str) -> None:
        record = self.record()
        try:
            self.job.send_event(name, Word(by=by))
        except JobStateError:
            is_over = record.state.is_terminal or self.missed.get(name) == record.generation
            is_taken = name in self.litter or self.taken.get(name, by) != by
            assert is_over or is_taken
        else:
            assert self.taken.setdefault(name, by) == by
            assert self.missed.get(name) != record.generation
            self.litter.discard(name)

    @rule(name=names)
    def send_what_does_not_fit(self, name: str) -> None:
        with suppress(JobStateError):
            self.job.send_event(name, {"who": "knows"})
            self.litter.add(name)

    @rule(hours=st.integers(0, 9))
    def wait(self, hours: int) -> None:
        self.stage.advance(hours * HOUR)

    @rule()
    def run(self) -> None:
        self.stage.drain()

    @rule()
    def fail_next(self) -> None:
        self.fails = 1

    @rule()
    def crash_next(self) -> None:
        self.stage.crash_next(ERRAND)

    @precondition(lambda self: self.record().state.is_waiting)
    @rule()
    def promote(self) -> None:
        self.stage.client.promote(self.job.id)

    @precondition(lambda self: self.record().state is State.FAILED)
    @rule()
    def redrive(self) -> None:
        now = self.stage.clock.now()
        asked = Redrive(seen=self.record(), by=str(now), at=now, run_at=now)
        assert self.stage.doubles.store.redrive_many([asked])[0].is_done

    def teardown(self) -> None:
        """It comes to an end, and at once where nobody is waited for."""
        self.fails = 0
        self.stage.doubles.store.doom = None
        self.stage.run_all()
        assert self.record().state.is_terminal
        self.stage.close()
