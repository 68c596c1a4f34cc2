"""One invocation: a batch of deliveries in, a batch response out.

All are claimed in one call; a handler that is ``async`` runs them together, any other one by one. A
job whose last attempt died beside others is a suspect: it runs last, alone in its claim, so that
nobody dies with it again.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from workerless.errors import StoreUnavailableError
from workerless.execution import announce
from workerless.execution.admission import Admission, Admitted, Refused, Suspect, admit
from workerless.execution.arrival import Arrival, arrive
from workerless.execution.attempt import attempt, attempt_async
from workerless.execution.redeliver import come_back
from workerless.execution.response import BatchResponse, batch_response
from workerless.execution.runtime import Runtime
from workerless.execution.settle import settle, settle_refused
from workerless.outcome import Deferred, Outcome

_NO_TIME = Deferred(delay=timedelta(0), why="no_time")
_STORE_DOWN = timedelta(seconds=30)

type Ending = tuple[Arrival, bool]
"""A delivery and whether its message is done with."""


def run_batch(
    records: Sequence[Mapping[str, Any]], runtime: Runtime, loop: asyncio.Runner
) -> BatchResponse:
    """Run every delivery that may run; keep the messages that must come back."""
    arrivals = [arrive(record, runtime.job_type.name) for record in records]
    kept = [arrival.message_id for arrival, is_done in _run(arrivals, runtime, loop) if not is_done]
    return batch_response([arrival.message_id for arrival in arrivals], kept)


def _run(arrivals: Sequence[Arrival], runtime: Runtime, loop: asyncio.Runner) -> Iterator[Ending]:
    admissions = _admit(arrivals, runtime, alone=len(arrivals) == 1)
    yield from _settle_all(admissions, runtime, loop)
    suspects = [one for one in admissions if isinstance(one, Suspect)]
    for suspect in sorted(suspects, key=lambda one: one.attempt):
        admissions = _admit([suspect.arrival], runtime, alone=True)
        yield from _settle_all(admissions, runtime, loop)


def _admit(arrivals: Sequence[Arrival], runtime: Runtime, *, alone: bool) -> Sequence[Admission]:
    """The admissions, all refused when there is no time left or no store to ask."""
    if not runtime.has_time_for_a_job():
        return [Refused(arrival=one, record=None, outcome=_NO_TIME) for one in arrivals]
    try:
        return admit(arrivals, runtime, alone=alone)
    except StoreUnavailableError as error:
        runtime.ports.telemetry.trouble("store_unavailable", error, deliveries=len(arrivals))
        down = Deferred(delay=_STORE_DOWN, why="store_unavailable")
        return [Refused(arrival=one, record=None, outcome=down) for one in arrivals]


def _settle_all(
    admissions: Sequence[Admission], runtime: Runtime, loop: asyncio.Runner
) -> Iterator[Ending]:
    """Run the admitted and settle all but the suspects."""
    for refused in admissions:
        if isinstance(refused, Refused):
            yield refused.arrival, _settled(refused, None, runtime)
    admitted = [one for one in admissions if isinstance(one, Admitted)]
    if runtime.perform.is_async:
        yield from loop.run(_together(admitted, runtime))
    else:
        for run in admitted:
            yield run.arrival, _settled(run, _attempt(run, runtime), runtime)


def _attempt(run: Admitted, runtime: Runtime) -> Outcome:
    if not runtime.has_time_for_a_job():
        return _NO_TIME
    announce.started(run.record, runtime)
    return attempt(run, runtime)


async def _together(runs: Sequence[Admitted], runtime: Runtime) -> list[Ending]:
    async def one(run: Admitted) -> Ending:
        announce.started(run.record, runtime)
        outcome = await attempt_async(run, runtime)
        return run.arrival, _settled(run, outcome, runtime)

    return await asyncio.gather(*(one(run) for run in runs))


def _settled(one: Admitted | Refused, outcome: Outcome | None, runtime: Runtime) -> bool:
    """Settle; when the store is down the message is kept, and the job's lease runs out."""
    try:
        if isinstance(one, Refused):
            return settle_refused(one, runtime)
        return settle(one, outcome or _NO_TIME, runtime)
    except StoreUnavailableError as error:
        runtime.ports.telemetry.trouble(
            "store_unavailable", error, job_id=one.arrival.message.job_id
        )
        return come_back(one.arrival, None, _STORE_DOWN, runtime)
