"""One attempt: call the handler under its soft deadline, name the outcome."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless import retry
from workerless.execution.admission import Admitted
from workerless.execution.context import JobContext
from workerless.execution.failure import censored, describe, hiding, secrets_in
from workerless.execution.files import stored_result, with_details
from workerless.execution.runtime import Runtime
from workerless.execution.soft_deadline import SoftDeadline
from workerless.execution.steps import OURS
from workerless.execution.viewing import context
from workerless.frozen import replace
from workerless.limits import MAX_RESULT_BYTES
from workerless.outcome import (
    Awaiting,
    Cancelled,
    Completed,
    Continued,
    Discarded,
    Failed,
    Fenced,
    Outcome,
    Retried,
    Snoozed,
)
from workerless.payload import Payload, Result, canonical_json, json_data
from workerless.record import MAX_MESSAGE_CHARACTERS, AttemptError
from workerless.signals import (
    Continue,
    Discard,
    EventAwaited,
    Fail,
    Interrupted,
    JobCancelled,
    LeaseLost,
    RetryAfter,
    Snooze,
    SoftTimeout,
)
from workerless.tracking import MAX_UNTRACKED_WAIT

if TYPE_CHECKING:
    from workerless.flow.dependency import Blame


def attempt(run: Admitted, payload: Payload, runtime: Runtime) -> tuple[Admitted, Outcome]:
    """Run a sync handler. Whatever it raises becomes an outcome; nothing escapes.

    The run comes back with the checkpoint that a handler which did not complete has reached.
    """
    job = None
    try:
        job = context(run, runtime) if runtime.perform.takes_context else None
        with runtime.handling([run]), SoftDeadline(runtime.job_type.timeout):
            value = runtime.perform.call(payload, job)
        return run, completed(value, run, runtime, payload)
    except BaseException as error:  # noqa: BLE001 -- a job may raise anything, SystemExit too
        return conclude(error, job, run, runtime, payload)


async def attempt_async(
    run: Admitted, payload: Payload, runtime: Runtime
) -> tuple[Admitted, Outcome]:
    """The same for an async handler."""
    # asyncio takes 20 ms to import: only an async handler pays.
    from workerless.execution.async_soft_deadline import async_soft_deadline  # noqa: PLC0415

    job = None
    try:
        job = context(run, runtime) if runtime.perform.takes_context else None
        with runtime.handling([run]):
            async with async_soft_deadline(runtime.job_type.timeout):
                value = await runtime.perform.call(payload, job)
        return run, completed(value, run, runtime, payload)
    except BaseException as error:  # noqa: BLE001 -- as above; the batch's tasks must not die of it
        return conclude(error, job, run, runtime, payload)


def completed(
    value: object, run: Admitted, runtime: Runtime, payload: Payload
) -> Completed | Failed:
    """The work is done, so what is wrong with a result is not repeated: the job fails."""
    wanted = runtime.job_type.result
    try:
        text = None if wanted is None and value is None else _result_text(value, wanted)
    except (TypeError, ValueError, RecursionError) as error:
        runtime = hiding([run], runtime, [payload])
        if isinstance(value, Result):
            runtime = replace(runtime, secrets=runtime.secrets | secrets_in(value))
        return Failed(reason="invalid_result", error=_error(error, run, runtime))
    return Completed(result=text, ref=stored_result(text, run, runtime))


def _result_text(value: Any, wanted: type[Result] | None) -> str:
    if wanted is None or not isinstance(value, wanted):
        expected = "None" if wanted is None else wanted.__name__
        raise TypeError(f"the handler must return {expected}, got {type(value).__name__}")
    text = canonical_json(json_data(value))
    if len(text) > MAX_RESULT_BYTES:
        raise ValueError(f"a result must be at most {MAX_RESULT_BYTES} bytes, got {len(text)}")
    return text


def conclude(
    error: BaseException,
    job: JobContext | None,
    run: Admitted,
    runtime: Runtime,
    payload: Payload,
) -> tuple[Admitted, Outcome]:
    """What becomes of a job whose handler raised ``error``, and how far it came."""
    runtime = hiding([run], runtime, [payload])
    try:
        if isinstance(error, JobCancelled):
            return run, Cancelled(reason=_reason(error, runtime))
        if job is not None and job.checkpoints is not None:
            from workerless.execution.continuing import reached  # noqa: PLC0415 -- few jobs are long

            run = reached(error, job.checkpoints, run, runtime)
        outcome = (
            _signalled(error, run, runtime)
            or _goes_on(error, run, runtime)
            or _failed(error, run, runtime)
        )
    except Exception as broken:  # noqa: BLE001 -- a subclass of a signal may lack what it should say
        outcome = _failed(broken, run, runtime)
    comes_back = isinstance(outcome, Retried | Snoozed | Continued | Awaiting)
    if job is not None and job.why_cancelled and comes_back:
        return run, Cancelled(reason=job.why_cancelled)  # it would only come back to be told
    return run, outcome


def _signalled(error: BaseException, run: Admitted, runtime: Runtime) -> Outcome | None:
    match error:
        case Snooze() | RetryAfter() if _is_too_long(error.delay, runtime):
            return Failed(reason="wait_too_long", error=_error(error, run, runtime))
        case Snooze() | RetryAfter() if _is_spared(error, runtime):
            return Snoozed(delay=error.delay, blame=_blame(error, runtime))
        case Discard():
            return Discarded(reason=_reason(error, runtime))
        case Fail():
            return Failed(reason="rejected", error=_told(error, run, runtime))
        case LeaseLost():
            return Fenced()
        case _:
            return None


def _reason(error: Discard | JobCancelled, runtime: Runtime) -> str:
    return censored(error.reason, runtime.secrets)[:MAX_MESSAGE_CHARACTERS]


def _goes_on(error: BaseException, run: Admitted, runtime: Runtime) -> Outcome | None:
    """A job that waits, whose process ends, or whose time was up and that came further: not done.

    One that asked for more time, and came nowhere, has failed.
    """
    if isinstance(error, EventAwaited):
        return Awaiting(event=error.event, delay=error.delay)
    if isinstance(error, Interrupted):
        return Snoozed(delay=timedelta(0))
    if not isinstance(error, Continue | SoftTimeout):
        return None
    if run.record.has_advanced and not isinstance(error, runtime.job_type.give_up_on):
        return Continued()
    if isinstance(error, SoftTimeout):
        return None
    from workerless.execution.continuing import no_progress  # noqa: PLC0415 -- few jobs are long

    outcome = _failed(no_progress(run, runtime), run, runtime)
    return replace(outcome, reason="no_progress") if isinstance(outcome, Failed) else outcome


def _is_too_long(delay: timedelta, runtime: Runtime) -> bool:
    """Whether the job asks for a wait that only a record could hold, and there is none."""
    return delay > MAX_UNTRACKED_WAIT and not runtime.is_tracked()


def _failed(error: BaseException, run: Admitted, runtime: Runtime) -> Failed | Retried:
    record, now = run.record, runtime.ports.clock.now()
    began_at = record.first_started_at or record.started_at or now
    if record.checkpoint is not None or any(key.startswith(OURS) for key in record.steps):
        from workerless.execution.window import begins_anew  # noqa: PLC0415 -- few jobs are long

        began_at = begins_anew(record, began_at)
    following = retry.plan(
        runtime.job_type.retries,
        attempt=1 if record.has_advanced else record.attempt,
        # Another one follows in any case after one that has moved the cursor.
        max_attempts=record.max_attempts + record.has_advanced,
        error=error,
        first_started_at=began_at,
        now=now,
        rng=runtime.ports.rng,
    )
    described = _told(error, run, runtime)
    if isinstance(following, retry.GiveUp):
        return Failed(reason=following.reason, error=described, blame=_blame(error, runtime))
    return Retried(delay=following.delay, error=described, blame=_blame(error, runtime))


def _blame(error: BaseException, runtime: Runtime) -> "Blame | None":
    if not runtime.job_type.needs:
        return None
    from workerless.flow.dependency import blame_of  # noqa: PLC0415 -- who declares has loaded it

    return blame_of(error, runtime.job_type.needs)


def _is_spared(error: Snooze | RetryAfter, runtime: Runtime) -> bool:
    """Whether it costs no attempt: a snooze never does."""
    if isinstance(error, Snooze) or not runtime.job_type.needs:
        return isinstance(error, Snooze)
    from workerless.flow.dependency import spares  # noqa: PLC0415 -- as above

    return spares(_blame(error, runtime), runtime.job_type.needs)


def _error(error: BaseException, run: Admitted, runtime: Runtime) -> AttemptError:
    at, secrets = runtime.ports.clock.now(), runtime.secrets
    return describe(error, attempt=run.record.attempt, at=at, secrets=secrets)


def _told(error: BaseException, run: Admitted, runtime: Runtime) -> AttemptError:
    """What the handler raised, with a file of all of it where the record's texts are cut."""
    return with_details(_error(error, run, runtime), error, run, runtime)
