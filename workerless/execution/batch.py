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
from workerless.execution.admission import (
    STORE_DOWN,
    Admission,
    Admitted,
    Refused,
    Suspect,
    admit,
)
from workerless.execution.arrival import Arrival, arrive
from workerless.execution.attempt import attempt, attempt_async
from workerless.execution.redeliver import come_back
from workerless.execution.response import BatchResponse, batch_response
from workerless.execution.runtime import Runtime
from workerless.execution.settle import settle, settle_refused
from workerless.execution.together import run_all
from workerless.outcome import Deferred, Outcome

_NO_TIME = Deferred(delay=timedelta(0), why="no_time")

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
    """The admissions, all refused when there is no time left."""
    if not runtime.has_time_for_a_job():
        return [Refused(arrival=one, record=None, outcome=_NO_TIME) for one in arrivals]
    return admit(arrivals, runtime, alone=alone)


def _settle_all(
    admissions: Sequence[Admission], runtime: Runtime, loop: asyncio.Runner
) -> Iterator[Ending]:
    """Run the admitted and settle all but the suspects."""
    for refused in admissions:
        if isinstance(refused, Refused):
            yield refused.arrival, _settled(refused, None, runtime)
    admitted = [one for one in admissions if isinstance(one, Admitted)]
    if runtime.perform.is_async:
        yield from _together(admitted, runtime, loop)
    else:
        for run in admitted:
            yield run.arrival, _settled(run, _attempt(run, runtime), runtime)


def _attempt(run: Admitted, runtime: Runtime) -> Outcome:
    if not runtime.has_time_for_a_job():
        return _NO_TIME
    announce.started(run.record, runtime)
    return attempt(run, runtime)


async def _attempt_async(run: Admitted, runtime: Runtime) -> Outcome:
    if not runtime.has_time_for_a_job():
        return _NO_TIME
    announce.started(run.record, runtime)
    return await attempt_async(run, runtime)


def _together(runs: Sequence[Admitted], runtime: Runtime, loop: asyncio.Runner) -> list[Ending]:
    is_done = [False] * len(runs)

    async def one(number: int, run: Admitted) -> None:
        outcome = await _attempt_async(run, runtime)
        # Noted here, not returned: a task that cancelled itself has no result.
        is_done[number] = _settled(run, outcome, runtime)

    run_all([one(number, run) for number, run in enumerate(runs)], loop)
    return [(run.arrival, done) for run, done in zip(runs, is_done, strict=True)]


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
        return come_back(one.arrival, None, STORE_DOWN, runtime)
