"""A handler that takes several jobs at once: each with its own claim, gates, outcome and end.

Who may start now starts together. Who has to wait a moment for a gate is not waited for: those who
passed before go first, and it is in the next chunk.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless.execution import announce
from workerless.execution.admission import NO_TIME, Admitted
from workerless.execution.attempt import completed, conclude
from workerless.execution.batch import Loop, payload_of
from workerless.execution.failure import describe, hiding
from workerless.execution.files import kept_while_waiting
from workerless.execution.group_commit import GroupCommit
from workerless.execution.runtime import Runtime
from workerless.execution.soft_deadline import SoftDeadline
from workerless.execution.viewing import context
from workerless.frozen import frozen
from workerless.outcome import Failed, Outcome, Snoozed
from workerless.payload import Payload
from workerless.signals import EventAwaited, JobCancelled, LeaseLost

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from workerless.execution.context import JobContext
    from workerless.execution.gate import Passage

_NONE = timedelta(0)
# The handler was ended for the sake of another job of its chunk: run again at once, unspent.
_AGAIN = Snoozed(delay=_NONE)


@frozen
class Member:
    """A job of a chunk; ``job`` is None where the handler asks for none."""

    run: Admitted
    payload: Payload
    job: "JobContext | None"


def run_chunks(
    admitted: Sequence[Admitted], runtime: Runtime, commit: GroupCommit, loop: Loop
) -> None:
    """Run and settle all; mostly as one chunk."""
    chunks = _Chunks(runtime, commit, loop)
    for run in admitted:
        chunks.add(run)
    chunks.start()


class _Chunks:
    """Those who may start, until they do."""

    def __init__(self, runtime: Runtime, commit: GroupCommit, loop: Loop) -> None:
        self._runtime = runtime
        self._commit = commit
        self._loop = loop
        self._waiting: list[tuple[Admitted, Payload]] = []

    def add(self, run: Admitted) -> None:
        run, payload = payload_of(run, self._runtime)
        if not isinstance(payload, Payload):
            self._commit.add(run, payload)
            return
        passed = self._pass_gates(run, payload)
        if isinstance(passed, Admitted):
            self._waiting.append((passed, payload))
        else:
            self._commit.add(run, kept_while_waiting(run, passed, self._runtime))

    def start(self) -> None:
        """Have all start that may."""
        waiting, self._waiting = self._waiting, []
        if not self._runtime.has_time_for_a_job():  # the payloads or gates of others took it
            for run, _ in waiting:
                self._commit.add(run, NO_TIME)
            return
        if not waiting:
            return
        for run, _ in waiting:
            self._commit.goes_on(run.record)
            announce.started(run, self._runtime)
        for member, outcome in _attempted(waiting, self._runtime, self._loop):
            self._commit.add(member, kept_while_waiting(member, outcome, self._runtime))

    def _pass_gates(self, run: Admitted, payload: Payload) -> Admitted | Outcome:
        if not self._runtime.gates_for(run.record):
            return run
        from workerless.execution.gate import Passage  # noqa: PLC0415 -- only where there are any

        passage = Passage(run, payload, self._runtime)
        self._wait(passage)
        return passage.end()

    def _wait(self, passage: "Passage") -> None:
        clock = self._runtime.ports.clock
        for moment in passage.moments():
            if moment > clock.now():
                self.start()
                clock.sleep(max(moment - clock.now(), _NONE))


def _attempted(
    waiting: Sequence[tuple[Admitted, Payload]], runtime: Runtime, loop: Loop
) -> list[tuple[Admitted, Outcome]]:
    """How each ended. Whatever the handler raises becomes their outcomes; nothing escapes."""
    takes_jobs = runtime.perform.takes_context
    members: list[Member] = []
    try:
        members = [
            Member(run=run, payload=payload, job=context(run, runtime) if takes_jobs else None)
            for run, payload in waiting
        ]
        given = _call(members, runtime, loop)
    except BaseException as error:  # noqa: BLE001 -- a job may raise anything, SystemExit too
        runtime = _hiding(waiting, runtime)
        return [_raised(error, member, runtime) for member in members]
    if given is None and runtime.job_type.result is None:
        given = [None] * len(members)
    if not isinstance(given, list | tuple) or len(given) != len(members):
        return [(member.run, _unfit(given, len(members), member, runtime)) for member in members]
    if any(isinstance(value, BaseException) for value in given):
        runtime = _hiding(waiting, runtime)
    return [_ended(value, member, runtime) for value, member in zip(given, members, strict=True)]


def _hiding(waiting: Sequence[tuple[Admitted, Payload]], runtime: Runtime) -> Runtime:
    """Of all at once: what one of them raises may quote another."""
    return hiding([run for run, _ in waiting], runtime, [payload for _, payload in waiting])


def _call(members: Sequence[Member], runtime: Runtime, loop: Loop) -> Any:
    arguments: list[list[Any]] = [[member.payload for member in members]]
    if runtime.perform.takes_context:
        arguments.append([member.job for member in members])
    handling = runtime.handling([member.run for member in members])
    if runtime.perform.is_async:
        return _call_async(arguments, handling, runtime, loop)
    with handling, SoftDeadline(runtime.job_type.timeout):
        return runtime.perform.function(*arguments)


def _call_async(
    arguments: Sequence[Sequence[Any]],
    handling: "AbstractContextManager[None]",
    runtime: Runtime,
    loop: Loop,
) -> Any:
    # asyncio takes 20 ms to import: only an async handler pays.
    from workerless.execution.async_soft_deadline import async_soft_deadline  # noqa: PLC0415
    from workerless.execution.together import run_all  # noqa: PLC0415

    given: list[Any] = []
    raised: list[BaseException] = []

    async def call() -> None:
        try:
            with handling:  # here, as a task has a context of its own
                async with async_soft_deadline(runtime.job_type.timeout):
                    given.append(await runtime.perform.function(*arguments))
        except BaseException as error:  # noqa: BLE001 -- raised again below, outside the loop
            raised.append(error)

    run_all([call()], loop())
    if raised:
        raise raised[0]
    return given[0]


def _ended(value: Any, member: Member, runtime: Runtime) -> tuple[Admitted, Outcome]:
    if isinstance(value, BaseException):
        return conclude(value, member.job, member.run, runtime, member.payload)
    try:
        return member.run, completed(value, member.run, runtime, member.payload)
    except Exception as error:  # noqa: BLE001 -- the file of a result may not be written
        return conclude(error, member.job, member.run, runtime, member.payload)


def _raised(error: BaseException, member: Member, runtime: Runtime) -> tuple[Admitted, Outcome]:
    """What a job's own call raised is about that job alone; anything else is about all."""
    if _is_anothers(error, member):
        return member.run, _AGAIN
    return conclude(error, member.job, member.run, runtime, member.payload)


def _is_anothers(error: BaseException, member: Member) -> bool:
    match error:
        case EventAwaited():
            return error.job_id != member.run.record.job_id
        case JobCancelled():
            return member.job is None or member.job.why_cancelled is None
        case LeaseLost():  # whose it was is fenced by its token, whatever we say
            return True
        case _:
            return False


def _unfit(given: Any, number: int, member: Member, runtime: Runtime) -> Failed:
    """The work is done, and nobody knows for which: it is not repeated."""
    got = f"{len(given)} of them" if isinstance(given, list | tuple) else type(given).__name__
    error = TypeError(
        f"the handler must return a list with a result or an exception for each of {number} jobs, "
        f"got {got}"
    )
    at = runtime.ports.clock.now()
    return Failed(
        reason="invalid_result", error=describe(error, attempt=member.run.record.attempt, at=at)
    )
