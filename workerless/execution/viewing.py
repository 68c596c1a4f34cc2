"""The job as its handler sees it: what it asks and tells goes to the ports under its lease."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.context import JobContext
from workerless.execution.runtime import Runtime
from workerless.execution.steps import Steps
from workerless.payload import Payload
from workerless.record import Progress

if TYPE_CHECKING:
    from workerless.execution.checkpoints import Checkpoints
    from workerless.execution.own_batch import OwnBatch


def context(run: Admitted, runtime: Runtime) -> JobContext:
    """One for one attempt."""
    record, ports = run.record, runtime.ports
    save = partial(_save_steps, run, runtime) if runtime.is_tracked() else None
    steps = Steps(record.steps, save)
    return JobContext(
        job_id=record.job_id,
        job_type=record.job_type,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        deadline=ports.clock.now() + runtime.job_type.timeout,
        logger=ports.telemetry.logger(
            job_id=record.job_id,
            job_type=record.job_type,
            attempt=record.attempt,
            correlation_id=record.correlation_id,
        ),
        clock=ports.clock,
        save_progress=partial(_save_progress, run, runtime),
        tenant=record.tenant,
        correlation_id=record.correlation_id,
        traceparent=run.arrival.message.traceparent,
        ask_why_cancelled=partial(_why_cancelled, run, runtime),
        scheduled=run.arrival.message.schedule,
        checkpoints=_checkpoints(run, runtime),
        steps=steps,
        listen=partial(_listen, run=run, runtime=runtime, steps=steps),
        make_token=partial(_make_token, run=run, runtime=runtime),
        open_batch=partial(_own_batch, run, runtime),
    )


def _listen(
    name: str,
    model: type[Payload],
    timeout: timedelta,
    *,
    run: Admitted,
    runtime: Runtime,
    steps: Steps,
) -> Payload | None:
    from workerless.execution.awaiting import wait_for  # noqa: PLC0415 -- few jobs ever do

    return wait_for(name, model, timeout, run=run, steps=steps, runtime=runtime)


def _make_token(event: str, expires_in: timedelta, *, run: Admitted, runtime: Runtime) -> str:
    from workerless.execution.awaiting import make_token  # noqa: PLC0415 -- as above

    return make_token(event, expires_in, run=run, runtime=runtime)


def _own_batch(run: Admitted, runtime: Runtime) -> "OwnBatch":
    from workerless.execution.own_batch import own_batch  # noqa: PLC0415 -- few jobs add to it

    return own_batch(run.record, runtime)


def _checkpoints(run: Admitted, runtime: Runtime) -> "Checkpoints | None":
    if runtime.job_type.cursor is None:
        return None
    from workerless.execution.continuing import checkpoints_of  # noqa: PLC0415 -- few jobs are long

    return checkpoints_of(run, runtime)


def _why_cancelled(run: Admitted, runtime: Runtime) -> str | None:
    """None also of a store that is down: the handler goes on, and asks again."""
    token = run.record.lease.token if run.record.lease else ""
    try:
        return runtime.ports.store.why_cancelled(run.record.job_id, token)
    except StoreUnavailableError as error:
        runtime.ports.telemetry.trouble("store_unavailable", error, job_id=run.record.job_id)
        return None


def _save_steps(run: Admitted, runtime: Runtime, steps: Mapping[str, str]) -> bool:
    """Whether the job is still ours. A step whose note cannot be written is no step done."""
    token = run.record.lease.token if run.record.lease else ""
    now = runtime.ports.clock.now()
    return runtime.ports.store.remember(run.record.job_id, token, steps, now)


def _save_progress(run: Admitted, runtime: Runtime, progress: Progress, at: datetime) -> bool:
    """Whether the job is still ours. A store that is down costs the progress, not the job."""
    token = run.record.lease.token if run.record.lease else ""
    try:
        return runtime.ports.store.progress(run.record.job_id, token, progress, at)
    except StoreUnavailableError as error:
        runtime.ports.telemetry.trouble("progress_lost", error, job_id=run.record.job_id)
        return True
