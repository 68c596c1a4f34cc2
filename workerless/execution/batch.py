"""One invocation: a batch of deliveries in, a batch response out.

All are claimed in one call; a handler that is ``async`` runs them together, any other one by one. A
job whose last attempt died beside others is a suspect: it runs last, alone in its claim, so that
nobody dies with it again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from workerless.execution import announce
from workerless.execution.admission import (
    NO_TIME,
    Admission,
    Admitted,
    Refused,
    Suspect,
    admit,
)
from workerless.execution.arrival import Arrival, arrive
from workerless.execution.attempt import attempt, attempt_async
from workerless.execution.files import fetched, kept_while_waiting
from workerless.execution.group_commit import GroupCommit
from workerless.execution.intake import take_in
from workerless.execution.response import BatchResponse, batch_response
from workerless.execution.runtime import Runtime
from workerless.frozen import replace
from workerless.outcome import Outcome
from workerless.payload import Payload

if TYPE_CHECKING:
    import asyncio

# A write for each job that takes so long, and none for others.
_BEAT = timedelta(seconds=30)

type Loop = Callable[[], "asyncio.Runner"]
"""The event loop of an async handler, made when first asked for."""


def run_batch(records: Sequence[Mapping[str, Any]], runtime: Runtime, loop: Loop) -> BatchResponse:
    """Run every delivery that may run; keep the messages that must come back."""
    bucket = runtime.ports.blobs.bucket
    name, lane = runtime.job_type.name, runtime.ports.lane
    arrivals = [arrive(record, name, bucket, lane) for record in records]
    commit = GroupCommit(runtime)
    admissions = _admit(arrivals, runtime, alone=len(arrivals) == 1)
    _run(admissions, runtime, commit, loop)
    suspects = [one for one in admissions if isinstance(one, Suspect)]
    for suspect in sorted(suspects, key=lambda one: one.attempt):
        _run(_admit([suspect.arrival], runtime, alone=True), runtime, commit, loop)
    return batch_response([one.message_id for one in arrivals], commit.kept(arrivals))


def _admit(arrivals: Sequence[Arrival], runtime: Runtime, *, alone: bool) -> Sequence[Admission]:
    """The admissions, all refused when there is no time left."""
    if not runtime.has_time_for_a_job():
        return [Refused(arrival=one, record=None, outcome=NO_TIME) for one in arrivals]
    return admit(arrivals, runtime, alone=alone)


def _run(
    admissions: Sequence[Admission], runtime: Runtime, commit: GroupCommit, loop: Loop
) -> None:
    """Run the admitted and settle all but the suspects."""
    for refused in admissions:
        if isinstance(refused, Refused):
            commit.refuse(refused)
    admitted = [one for one in admissions if isinstance(one, Admitted)]
    beats = admitted and runtime.ports.heartbeats is not None and runtime.is_tracked()
    heart = _Heart(admitted, runtime, commit) if beats else None
    try:
        _run_admitted(admitted, runtime, commit, loop)
    finally:
        if heart is not None:
            heart.stop()
    commit.flush()


def _run_admitted(
    admitted: Sequence[Admitted], runtime: Runtime, commit: GroupCommit, loop: Loop
) -> None:
    if runtime.perform.takes_many:
        from workerless.execution.chunk import run_chunks  # noqa: PLC0415 -- few handlers do

        run_chunks(admitted, runtime, commit, loop)
    elif runtime.perform.is_async:
        # asyncio takes 20 ms to import: only an async handler pays.
        from workerless.execution.together import Turn, run_all  # noqa: PLC0415

        turn = Turn()
        run_all([_settle_async(run, runtime, commit, turn) for run in admitted], loop())
    else:
        for number, run in enumerate(admitted):
            commit.goes_on(run.record)
            commit.add(*_attempt(_begun(run, runtime) if number else run, runtime))


class _Heart:
    """Says each 30 s, from another thread, that whoever has these jobs in hand lives."""

    def __init__(self, runs: Sequence[Admitted], runtime: Runtime, commit: GroupCommit) -> None:
        self._runs = runs
        self._runtime = runtime
        self._commit = commit
        self._lock = Lock()
        self._call_off: Callable[[], None] | None = runtime.ports.clock.later(_BEAT, self._beat)

    def stop(self) -> None:
        """For good: a process that sleeps between two invocations beats no more."""
        with self._lock:
            if self._call_off is not None:
                self._call_off()
            self._call_off = None

    def _beat(self) -> None:
        from workerless.execution.heartbeat import beat  # noqa: PLC0415 -- few jobs take so long

        left = set(self._commit.kept([run.arrival for run in self._runs]))
        self._runs = beat(
            [run for run in self._runs if run.arrival.message_id in left], self._runtime
        )
        with self._lock:
            if self._runs and self._call_off is not None:
                self._call_off = self._runtime.ports.clock.later(_BEAT, self._beat)


def _begun(run: Admitted, runtime: Runtime) -> Admitted:
    """The run as one that starts now: all were claimed together, and waited for those before."""
    return replace(run, record=replace(run.record, started_at=runtime.ports.clock.now()))


def _attempt(run: Admitted, runtime: Runtime) -> tuple[Admitted, Outcome]:
    """The run as it started, if it did, and how this look at it ended."""
    run, payload = payload_of(run, runtime)
    if not isinstance(payload, Payload):
        return run, payload
    if runtime.gates_for(run.record):
        from workerless.execution.gate import pass_gates  # noqa: PLC0415 -- only where there are any

        passed = pass_gates(run, payload, runtime)
        if not isinstance(passed, Admitted):
            return run, kept_while_waiting(run, passed, runtime)
        run = passed
    announce.started(run, runtime)
    run, outcome = attempt(run, payload, runtime)
    return run, kept_while_waiting(run, outcome, runtime)


async def _settle_async(
    run: Admitted, runtime: Runtime, commit: GroupCommit, turn: "asyncio.Lock"
) -> None:
    commit.add(*await _attempt_async(run, runtime, turn))
    commit.waits()


async def _attempt_async(
    run: Admitted, runtime: Runtime, turn: "asyncio.Lock"
) -> tuple[Admitted, Outcome]:
    run, payload = payload_of(run, runtime)
    if not isinstance(payload, Payload):
        return run, payload
    if runtime.gates_for(run.record):
        from workerless.execution.gate import pass_gates_async  # noqa: PLC0415 -- as above

        passed = await pass_gates_async(run, payload, runtime, turn)
        if not isinstance(passed, Admitted):
            return run, kept_while_waiting(run, passed, runtime)
        run = passed
    announce.started(run, runtime)
    run, outcome = await attempt_async(run, payload, runtime)
    return run, kept_while_waiting(run, outcome, runtime)


def payload_of(run: Admitted, runtime: Runtime) -> tuple[Admitted, Payload | Outcome]:
    """The payload of a run that may start now, or how it ends without one."""
    if not runtime.has_time_for_a_job():
        return run, NO_TIME
    if run.record.start_by is not None or run.record.cancel_reason is not None:
        from workerless.execution.not_begun import not_begun  # noqa: PLC0415 -- few jobs have either

        ended = not_begun(run.record, runtime.ports.clock.now())
        if ended is not None:
            return run, ended
    if run.record.former_digests and run.arrival.message.digest != run.record.digest:
        from workerless.execution.replaced import renewed  # noqa: PLC0415 -- few jobs ever are

        current = renewed(run, runtime)
        if not isinstance(current, Admitted):
            return run, current
        run = current
    ready = fetched(run, runtime)
    if not isinstance(ready, Admitted):
        return run, ready
    if ready is not run and not runtime.has_time_for_a_job():  # fetching took it
        return run, NO_TIME
    return run, take_in(ready, runtime)
