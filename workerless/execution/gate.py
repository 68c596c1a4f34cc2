"""What may hold a job back between its claim and its start: limits, pauses, breakers.

A job has its record and its payload by then, so a duplicate never takes what a gate has to give. A
gate that holds a job back gives its attempt back too. Job types that declare no gate never load
this module.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import NO_TIME, STORE_DOWN, Admitted
from workerless.execution.not_begun import in_time
from workerless.execution.runtime import Runtime
from workerless.frozen import frozen
from workerless.outcome import Outcome, Waiting
from workerless.payload import Payload

if TYPE_CHECKING:
    import asyncio

_NONE = timedelta(0)
# A process that came late for its moment this often is too slow for now.
_ROUNDS = 3
_LATE = Waiting(delay=timedelta(seconds=1), why="late")
_STORE_DOWN = Waiting(delay=STORE_DOWN, why="store_unavailable")


@frozen
class Candidate:
    """A job that runs next, unless a gate holds it back."""

    run: Admitted
    payload: Payload


@frozen
class Go:
    """The job may start: now, or at ``at``, so close that it is waited for in the function.

    Past ``until`` it may not: every gate is asked again.
    """

    at: datetime | None = None
    until: datetime | None = None


class Gate(Protocol):
    """One rule of flow control, in one execution environment."""

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        """Whether the job may start, or how this look at it ends: mostly ``Waiting``.

        The same run may ask more than once. Raises ``StoreUnavailableError``: then the job waits,
        as a limit is a promise.
        """
        ...

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        """A run has ended, and its record says so as far as it could be written.

        Told of every run, also of one that this gate or another held back, or that was fenced; and
        where a job's last attempt was found dead, which left without a word. Never raises: what
        cannot be given back is got back when its lease runs out.
        """
        ...


def pass_gates(run: Admitted, payload: Payload, runtime: Runtime) -> Admitted | Outcome:
    """The run as it starts, once every gate has let it through; or how this look at it ends."""
    passage, clock = Passage(run, payload, runtime), runtime.ports.clock
    for moment in passage.moments():
        clock.sleep(max(moment - clock.now(), _NONE))
    return passage.end()


async def pass_gates_async(
    run: Admitted, payload: Payload, runtime: Runtime, turn: "asyncio.Lock"
) -> Admitted | Outcome:
    """The same, while other runs of the batch go on.

    To ask a gate is a call that nothing else runs beside. Those of a batch take turns at it: so
    the loop has time for whoever may start between two of them, and no start comes too late.
    """
    passage, clock = Passage(run, payload, runtime), runtime.ports.clock
    moments = passage.moments()
    async with turn:
        await clock.pause(_NONE)
        moment = next(moments, None)
    while moment is not None:
        if (left := moment - clock.now()) > _NONE:
            await clock.pause(left)
        moment = next(moments, None)
    return passage.end()


class Passage:
    """One job on its way through the gates, in order."""

    def __init__(self, run: Admitted, payload: Payload, runtime: Runtime) -> None:
        self._candidate = Candidate(run=run, payload=payload)
        self._runtime = runtime
        self._held: Outcome | None = None

    def moments(self) -> Iterator[datetime]:
        """The moments to wait for, until the job may start or is held back.

        Waiting for one gate may take what another has given: then all are asked again.
        """
        for _ in range(_ROUNDS):
            untils: list[datetime] = []
            for gate in self._runtime.gates_for(self._candidate.run.record):
                answer = self._ask(gate)
                if not isinstance(answer, Go):
                    self._held = answer
                    return
                if answer.at is not None:
                    yield answer.at
                if answer.until is not None:
                    untils.append(answer.until)
            if not untils or self._runtime.ports.clock.now() <= min(untils):
                return
        self._held = _LATE

    def end(self) -> Admitted | Outcome:
        """The run, which starts now; or what holds it back."""
        if self._held is not None:
            record = self._candidate.run.record
            return in_time(self._held, record, self._runtime.ports.clock.now())
        if not self._runtime.has_time_for_a_job():  # waiting took it
            return NO_TIME
        run = self._candidate.run
        started = replace(run.record, started_at=self._runtime.ports.clock.now())
        return replace(run, record=started)

    def _ask(self, gate: Gate) -> Go | Outcome:
        try:
            return gate.ask(self._candidate, self._runtime)
        except StoreUnavailableError as error:
            job_id = self._candidate.run.record.job_id
            self._runtime.ports.telemetry.trouble("gate_unavailable", error, job_id=job_id)
            return _STORE_DOWN
