"""The canary of a bulk operation: whether what it retried so far went well enough. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workerless.errors import OperationRefusedError
from workerless.ledger import Canary, Operation, Phase, Stand, Taken
from workerless.record import Record
from workerless.states import State

# After the last stage: of so many jobs at a time the end is waited for, so many ends are kept, and
# fewer are no sample.
WATCHED, SAMPLE, JUDGED_FROM = 100, 50, 10
# The jobs of a stage are in the operation's item while it waits for them: 170 KB at most.
MAX_STAGE, MAX_STAGES = 1_000, 10


def check(canary: Canary) -> None:
    """Raises ``OperationRefusedError``."""
    stages = canary.stages
    if not 1 <= len(stages) <= MAX_STAGES or not 1 <= min(stages) <= max(stages) <= MAX_STAGE:
        raise OperationRefusedError(
            f"canary stages must be 1 to {MAX_STAGES} numbers of jobs, each 1 to {MAX_STAGE:,}, "
            f"got {stages}"
        )
    if not 0 <= canary.max_failure_ratio <= 1:
        raise OperationRefusedError(
            f"max_failure_ratio must be 0 to 1, got {canary.max_failure_ratio}"
        )


def stage_size(operation: Operation) -> int | None:
    """How many jobs the present stage retries; None where that is all of them."""
    stages = operation.canary.stages if operation.canary else ()
    return stages[operation.stage] if operation.stage < len(stages) else None


def room(operation: Operation) -> int | None:
    """How many jobs the present stage still retries; None where that is all of them."""
    size = stage_size(operation)
    return None if size is None else size - operation.in_stage


def retried(operation: Operation, jobs: Iterable[Taken]) -> Operation:
    """The operation once it has retried ``jobs``, of the generations that it took."""
    if operation.canary is None:
        return operation
    now = [replace(job, generation=job.generation + 1) for job in jobs]
    watched = (*operation.watched, *now)
    if stage_size(operation) is None:
        watched = watched[: max(WATCHED, len(operation.watched))]
    return replace(operation, watched=watched, in_stage=operation.in_stage + len(now))


def has_failed(record: Record | None, job: Taken) -> bool | None:
    """Whether a job that was retried failed again; None while it has not ended.

    A job that waits for a person has failed as far as the canary goes, and so has one that a person
    retried or discarded since. One that is gone was kept no longer, as completed ones are.
    """
    if record is None:
        return False
    if record.generation != job.generation:
        return True
    if record.state in {State.FAILED, State.HELD}:
        return True
    if record.state.is_terminal:
        return record.dismissed_by is not None
    return None


def looked(operation: Operation, records: Sequence[Record | None]) -> Operation:
    """The operation once its watched jobs were found as ``records``, in their order."""
    found = [has_failed(*both) for both in zip(records, operation.watched, strict=True)]
    left = [job for job, end in zip(operation.watched, found, strict=True) if end is None]
    verdicts = (*operation.verdicts, *(end for end in found if end is not None))
    if stage_size(operation) is None:
        verdicts = verdicts[-SAMPLE:]
    return replace(operation, watched=tuple(left), verdicts=verdicts)


def judged(operation: Operation) -> Operation:
    """The operation stopped, or in its next stage, where what is known says so; else itself."""
    canary, is_staged = operation.canary, stage_size(operation) is not None
    if canary is None or (is_staged and operation.phase is not Phase.WATCH):
        return operation
    failed, ended = sum(operation.verdicts), len(operation.verdicts)
    # Of a stage the end is certain once too many have failed, however the others will end.
    of = operation.in_stage if is_staged else ended
    if (is_staged or ended >= JUDGED_FROM) and failed > canary.max_failure_ratio * of:
        return replace(
            operation,
            stand=Stand.STOPPED,
            ended_because=f"{failed} of {ended} retried jobs that have ended failed again; "
            f"{canary.max_failure_ratio:.0%} may",
        )
    if not is_staged or operation.watched:
        return operation
    return replace(operation, phase=Phase.JOBS, stage=operation.stage + 1, in_stage=0, verdicts=())


def begun_again(operation: Operation) -> Operation:
    """The operation once a person had it go on: its stage retries and watches other jobs."""
    phase = Phase.JOBS if operation.phase is Phase.WATCH else operation.phase
    return replace(operation, phase=phase, in_stage=0, watched=(), verdicts=())
