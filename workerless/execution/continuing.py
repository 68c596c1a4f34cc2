"""How a long job goes on: what its attempt may note, and what it has reached when it ends."""

from functools import partial

from workerless.errors import NoProgressError, WorkerlessError
from workerless.execution.admission import Admitted
from workerless.execution.checkpoints import Checkpoints
from workerless.execution.runtime import Runtime
from workerless.frozen import replace
from workerless.record import MAX_CONTINUATIONS
from workerless.signals import Continue


def checkpoints_of(run: Admitted, runtime: Runtime) -> Checkpoints:
    """Those of an attempt that is about to start."""
    token = run.record.lease.token if run.record.lease else ""
    return Checkpoints(
        run.record.checkpoint,
        token=token,
        kind=runtime.job_type.cursor,
        timeout=runtime.job_type.timeout,
        save=partial(runtime.ports.store.checkpoint, run.record.job_id, token),
    )


def reached(
    error: BaseException, checkpoints: Checkpoints, run: Admitted, runtime: Runtime
) -> Admitted:
    """The run with the last checkpoint of its handler, be it written down yet or not.

    Raises ``ValueError`` for a cursor that cannot be kept.
    """
    if isinstance(error, Continue) and error.cursor is not None:
        checkpoints.reach(error.cursor, runtime.ports.clock.now())
    return replace(run, record=replace(run.record, checkpoint=checkpoints.reached))


def no_progress(run: Admitted, runtime: Runtime) -> WorkerlessError:
    """What is wrong with a job that asks to continue, and has not come anywhere."""
    if runtime.job_type.cursor is None:
        return WorkerlessError(f"{run.record.job_type} must declare a cursor, to continue from it")
    if run.record.continuations >= MAX_CONTINUATIONS:
        return NoProgressError(f"the job has continued {MAX_CONTINUATIONS:,} times: no more")
    return NoProgressError(
        "the job asked to continue from where this attempt had begun; its cursor must move"
    )
