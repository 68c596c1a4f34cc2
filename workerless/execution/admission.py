"""Which deliveries may run now: one claim each, and what becomes of those that may not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workerless.execution.arrival import Arrival
from workerless.execution.each import each
from workerless.execution.runtime import Runtime
from workerless.frozen import frozen
from workerless.limits import MAX_DELAY
from workerless.outcome import Deferred, Duplicate, Failed, Held, Lost, Outcome
from workerless.ports import Claimed
from workerless.record import AttemptError, Lease, Record
from workerless.search_key import keys_of
from workerless.states import State
from workerless.transition import Claim, Verdict
from workerless.unknown_outcome import OnUnknownOutcome

# Clocks of two machines differ; the token keeps order, the margin only saves wasted attempts.
_LEASE_MARGIN = timedelta(seconds=30)
# How long a message is kept away from a store that does not answer.
STORE_DOWN = timedelta(seconds=30)
NO_TIME = Deferred(delay=timedelta(0), why="no_time")
_SKEW = timedelta(minutes=5)
# Why a job whose attempt died is held or has failed, where its type does not repeat it.
_UNKNOWN_OUTCOME = "unknown_outcome"


@frozen
class Admitted:
    """A delivery that owns its job: ``record`` is processing under our lease."""

    arrival: Arrival
    record: Record


@frozen
class Refused:
    """A delivery that may not run, and how it ends. ``record`` is what stood in the store."""

    arrival: Arrival
    record: Record | None
    outcome: Outcome


@frozen
class Suspect:
    """A job whose last attempt died beside others: it may run, but only alone."""

    arrival: Arrival
    attempt: int


type Admission = Admitted | Refused | Suspect


def admit(arrivals: Sequence[Arrival], runtime: Runtime, *, alone: bool) -> list[Admission]:
    """Claim every delivery, in order, in one call of the store if it answers."""
    now = runtime.ports.clock.now()
    claims = [_claim(arrival, now, runtime, alone=alone) for arrival in arrivals]
    answers = each(
        runtime.ports.store.claim_many,
        claims,
        runtime.ports.telemetry,
        has_time=runtime.has_time_for_a_job,
    )
    if None in answers and not claims[0].takes_over:
        # A claim that was written and not heard of would end a job that never ran: asked again
        # under its token, it finds itself.
        answers = each(
            runtime.ports.store.claim_many,
            claims,
            runtime.ports.telemetry,
            has_time=runtime.has_time_for_a_job,
        )
    return [
        _admission(arrival, answer, runtime)
        for arrival, answer in zip(arrivals, answers, strict=True)
    ]


def _claim(arrival: Arrival, now: datetime, runtime: Runtime, *, alone: bool) -> Claim:
    lease = Lease(
        token=runtime.ports.new_token(), until=runtime.deadline + _LEASE_MARGIN, alone=alone
    )
    message = arrival.message
    return Claim(
        job_id=message.job_id,
        job_type=runtime.job_type.name,
        lease=lease,
        now=now,
        generation=message.generation,
        new=None if _has_record(arrival, runtime) else _new_record(arrival, now, runtime),
        takes_over=runtime.job_type.on_unknown_outcome is OnUnknownOutcome.RETRY,
    )


def _has_record(arrival: Arrival, runtime: Runtime) -> bool:
    """Whether the message says so, and this worker could ask."""
    return arrival.message.generation is not None and runtime.is_tracked()


def _new_record(arrival: Arrival, now: datetime, runtime: Runtime) -> Record:
    """The record of a job that came without one: lean, untracked, bare, foreign or unreadable."""
    message = arrival.message
    most = runtime.job_type.retry.attempts
    max_attempts = min(message.attempts or most, most)
    return Record(
        job_id=message.job_id,
        job_type=runtime.job_type.name,
        state=State.PENDING,
        digest=message.digest if runtime.is_tracked() else "",  # nobody would compare it
        body=arrival.lasting_body,
        max_attempts=max_attempts,
        attempt=_attempts_before(arrival, max_attempts, runtime),
        enqueued_at=arrival.sent_at,
        updated_at=now,
        run_at=arrival.sent_at,
        tenant=message.tenant,
        lane=message.lane,
        correlation_id=message.correlation_id or message.job_id,
        parent_id=message.parent_id,
        tags=message.tags,
        start_by=_start_by(arrival, runtime),
        search_keys=keys_of(runtime.job_type.search_keys, message.data),
    )


def _start_by(arrival: Arrival, runtime: Runtime) -> datetime | None:
    """What the message says; what the job type says of one that does not."""
    within = runtime.job_type.expires_in
    return arrival.message.start_by or (arrival.sent_at + within if within else None)


def _attempts_before(arrival: Arrival, max_attempts: int, runtime: Runtime) -> int:
    """Without a record each receive is an attempt, and the last one is repeated.

    Receives are also spent on waiting and by throttled invocations: a job that never ran must not
    fail for them.
    """
    if runtime.is_tracked():
        return 0
    return min(arrival.receive_count, max_attempts) - 1


def _admission(arrival: Arrival, answer: Claimed | None, runtime: Runtime) -> Admission:
    if answer is None:
        down = Deferred(delay=STORE_DOWN, why="store_unavailable")
        return Refused(arrival=arrival, record=None, outcome=down)
    record = answer.record
    if record is None or answer.verdict is Verdict.MISSING:
        return Refused(arrival=arrival, record=None, outcome=Lost(reason="record_missing"))
    if answer.verdict is Verdict.TAKEN:
        return Refused(arrival=arrival, record=None, outcome=Lost(reason="id_taken"))
    if answer.verdict is Verdict.GRANTED:
        if record.stalled_at is not None and record.stalled_at == record.started_at:
            from workerless.execution.stalled import tell_taken_over  # noqa: PLC0415 -- few die

            tell_taken_over(record, runtime.ports.telemetry)
        return Admitted(arrival=arrival, record=record)
    if answer.verdict is Verdict.CRASHED:
        return Suspect(arrival=arrival, attempt=record.attempt)
    return Refused(
        arrival=arrival, record=record, outcome=_refusal(answer.verdict, record, runtime)
    )


def _refusal(verdict: Verdict, record: Record, runtime: Runtime) -> Outcome:
    now = runtime.ports.clock.now()
    match verdict:
        case Verdict.EARLY:
            return Deferred(delay=_early(record.run_at - now), why="early")
        case Verdict.LEASED:
            until = record.lease.until if record.lease else now
            spread = timedelta(seconds=runtime.ports.rng.uniform(0, 2))
            return Deferred(delay=min(until - now + spread, MAX_DELAY), why="leased")
        case Verdict.DIED if runtime.job_type.on_unknown_outcome is OnUnknownOutcome.HOLD:
            return Held(reason=_UNKNOWN_OUTCOME, error=_crash(record, runtime))
        case Verdict.DIED:
            return Failed(reason=_UNKNOWN_OUTCOME, error=_crash(record, runtime))
        case Verdict.EXHAUSTED:
            return Failed(reason="crash_loop", error=_crash(record, runtime))
        case _:
            return Duplicate(record=record)


def _early(wait: timedelta) -> timedelta:
    """How long to wait for ``run_at``: parked only where no clock could think that it is not."""
    return wait if wait > MAX_DELAY + _SKEW else min(wait, MAX_DELAY)


def _crash(record: Record, runtime: Runtime) -> AttemptError:
    return AttemptError(
        attempt=record.attempt,
        at=runtime.ports.clock.now(),
        error_type="Crash",
        message=(
            f"attempt {record.attempt} of {record.max_attempts} ended without a word: "
            "the process died, ran out of memory or hit the function's timeout"
        ),
    )
