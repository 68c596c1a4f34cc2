"""Noting that the process of jobs that take long is alive."""

from collections.abc import Sequence

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.runtime import Runtime
from workerless.heartbeat import Heartbeats


def beat(runs: Sequence[Admitted], runtime: Runtime) -> list[Admitted]:
    """One heartbeat of each; those whose next is worth the write.

    A store that is down costs the heartbeat, not the job, and is asked no more in this round: who
    asks has the ends of other jobs to write.
    """
    if runtime.ports.heartbeats is None:
        return []
    heartbeats, ours = runtime.ports.heartbeats(), list[Admitted]()
    for number, run in enumerate(runs):
        try:
            if _is_ours(run, heartbeats, runtime):
                ours.append(run)
        except StoreUnavailableError as error:
            runtime.ports.telemetry.trouble("heartbeat_lost", error, job_id=run.record.job_id)
            return [*ours, *runs[number:]]
    return ours


def _is_ours(run: Admitted, heartbeats: Heartbeats, runtime: Runtime) -> bool:
    record = run.record
    token = record.lease.token if record.lease else ""
    return heartbeats.beat(record.job_id, token, runtime.ports.clock.now())
