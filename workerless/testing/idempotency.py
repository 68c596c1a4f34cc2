"""Whether a job may run twice: what at-least-once asks of every handler."""

from collections.abc import Callable
from copy import deepcopy
from difflib import ndiff
from pprint import pformat
from typing import TYPE_CHECKING, Any

from workerless.errors import JobNotFoundError
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload
from workerless.ports import Outgoing
from workerless.sending import send_all
from workerless.testing.doubles import Doubles

if TYPE_CHECKING:
    from workerless.testing.stage import InMemoryStage

_ENDS = ("job.completed", "job.failed", "job.discarded")
_HELD = "job.held"


def assert_idempotent[P: Payload](
    stage: "InMemoryStage",
    job_type: JobType[P, Any],
    payload: P,
    observe: Callable[[], object],
) -> None:
    """See ``InMemoryStage.assert_idempotent``."""
    doubles, job_id = stage.doubles, stage.doubles.new_id()
    stage.crash_next(job_type, job_id=job_id)
    job = stage.client.enqueue(job_type, payload, job_id=job_id)
    stage.play_until(lambda: not stage.is_doomed() or _last(doubles, job_id) in _ENDS)
    if stage.is_doomed():
        doubles.store.doom = None
        raise AssertionError(f"{job_type.name} must complete once, {_end(doubles, job)}")
    once = deepcopy(observe())

    message = _message(doubles, job_type, job_id)
    since = len(doubles.telemetry.transitions)
    stage.play_until(lambda: _last(doubles, job_id, since) in (*_ENDS, _HELD))
    if _last(doubles, job_id, since) == _HELD:
        stage.client.promote(job_id)
        stage.play_until(lambda: _last(doubles, job_id, since) in _ENDS)
    if _last(doubles, job_id, since) != "job.completed":
        raise AssertionError(
            f"{job_type.name} must complete again after a crash, {_end(doubles, job)}"
        )
    _compare(job_type, once, deepcopy(observe()), "it ran a second time")

    send_all(doubles.queue, doubles.directory.find(job_type.name), [message])
    stage.drain()
    _compare(job_type, once, deepcopy(observe()), "its message came a second time")


def _last(doubles: Doubles, job_id: str, since: int = 0) -> object:
    """The last thing told of a job: telemetry knows it of jobs without a record, too."""
    lines = doubles.telemetry.transitions[since:]
    return next((one["event"] for one in reversed(lines) if one.get("job_id") == job_id), None)


def _message(doubles: Doubles, job_type: JobType[Any, Any], job_id: str) -> Outgoing:
    """The job's message as it is in its queue, which it has not left after a crash."""
    return next(
        outgoing
        for queue in doubles.directory.find(job_type.name).queues
        for message_id, outgoing in doubles.queue.by_id(queue).items()
        if read(outgoing.body, job_type=job_type.name, message_id=message_id).job_id == job_id
    )


def _end(doubles: Doubles, job: Job[Any]) -> str:
    try:
        status = job.status()
    except JobNotFoundError:
        return f"the last of it is {_last(doubles, job.id)}"
    why = "".join(f": {one.error_type}: {one.message}" for one in status.errors[-1:])
    return f"got {status.state.value} ({status.failed_reason}){why}"


def _compare(job_type: JobType[Any, Any], once: object, now: object, what: str) -> None:
    if now != once:
        lines = ndiff(pformat(once).splitlines(), pformat(now).splitlines())
        raise AssertionError(
            f"{job_type.name} is not idempotent: {what}, and observe() gave something else "
            "(-: after the first run, +: now)\n" + "\n".join(f"  {line}" for line in lines)
        )
