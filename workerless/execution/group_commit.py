"""Writing down the ends of an invocation's attempts, several in one call of the store.

What completed waits for the others, at most 200 ms: in that time a process that dies costs a repeat
of what it did. Any other end, and the last of the batch, is written at once, with all that wait.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock

from workerless.execution import settle
from workerless.execution.admission import Admitted, Refused
from workerless.execution.arrival import Arrival
from workerless.execution.runtime import Runtime
from workerless.execution.settle import Ended
from workerless.outcome import Completed, Failed, Held, Outcome
from workerless.record import Record

LONGEST_WAIT = timedelta(milliseconds=200)
# Results are held in memory meanwhile, and the store takes some MiB in a call.
_MOST_CHARACTERS = 1_048_576


class GroupCommit:
    """The ends of one invocation's attempts, and which messages they are done with."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = Lock()
        self._waiting: list[Ended] = []
        self._waiting_characters = 0
        self._written: list[tuple[Ended, bool | None, bool]] = []
        self._done: set[str] = set()
        self._alarm: Callable[[], None] | None = None

    def refuse(self, refused: Refused) -> None:
        """Settle a delivery that never ran."""
        if settle.settle_refused(refused, self._runtime):
            self._done.add(refused.arrival.message_id)
        record, outcome = refused.record, refused.outcome
        if record is not None and isinstance(outcome, Failed | Held):
            # Its attempt died with what gates had given it.
            self._leave(Admitted(arrival=refused.arrival, record=record), outcome)

    def add(self, run: Admitted, outcome: Outcome) -> None:
        """Settle an attempt: now, or soon with others."""
        ended = settle.end(run, outcome, self._runtime)
        if not self._runtime.is_tracked():  # nothing is written, so nothing waits
            self._act(ended, ended.finish is not None, is_marked=True)
            return
        with self._lock:
            self._waiting.append(ended)
            self._waiting_characters += _size(outcome)
            is_much = self._waiting_characters > _MOST_CHARACTERS
        # What gates give is given back at an end: the next of the batch may be waiting for it.
        if is_much or self._runtime.ports.gates or not isinstance(outcome, Completed):
            self.flush()

    def goes_on(self, following: Record) -> None:
        """Another attempt is about to start, which may take long, or kill the process.

        One that has failed before is more likely to than others: it waits until all is written.
        """
        if following.attempt > 1:
            self.flush()
        else:
            self._tell()
            self.waits()

    def waits(self) -> None:
        """Whatever happens next, what waits is written within 200 ms."""
        with self._lock:
            if self._waiting and self._alarm is None:
                self._alarm = self._runtime.ports.clock.later(LONGEST_WAIT, self._write)

    def flush(self) -> None:
        """Write all that waits, then act on everything that was written."""
        alarm = self._alarm  # the alarm's own thread takes it away as it rings
        if alarm is not None:
            alarm()
        self._write()
        self._tell()

    def kept(self, arrivals: Sequence[Arrival]) -> list[str]:
        """The ids of the messages that must come back: all that nothing was done with."""
        return [one.message_id for one in arrivals if one.message_id not in self._done]

    def _write(self) -> None:
        """Also called by another thread, while a handler runs: it writes, and tells nobody."""
        with self._lock:
            self._alarm = None
            waiting, self._waiting, self._waiting_characters = self._waiting, [], 0
            answers = settle.write(waiting, self._runtime)
            both = list(zip(waiting, answers, strict=True))
            # What follows in a workflow does not wait for the neighbours of this invocation.
            self._written += zip(waiting, answers, settle.mark(both, self._runtime), strict=True)

    def _tell(self) -> None:
        """Act on what was written, here where hooks may run."""
        if not self._written:  # what another thread writes this moment is told the next time
            return
        with self._lock:
            written, self._written = self._written, []
        for ended, answer, is_marked in written:
            self._act(ended, answer, is_marked=is_marked)

    def _act(self, ended: Ended, answer: bool | None, *, is_marked: bool) -> None:  # noqa: FBT001 -- as written
        self._leave(ended.run, ended.outcome)
        if settle.act(ended, answer, self._runtime, is_marked=is_marked):
            self._done.add(ended.run.arrival.message_id)

    def _leave(self, run: Admitted, outcome: Outcome) -> None:
        for gate in self._runtime.ports.gates:
            gate.leave(run, outcome, self._runtime)


def _size(outcome: Outcome) -> int:
    return len(outcome.result or "") if isinstance(outcome, Completed) else 0
