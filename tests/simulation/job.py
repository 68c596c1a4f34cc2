"""The job types of the simulation, and what their handlers do: a script a job, a line a start."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from workerless import (
    Continue,
    Discard,
    Fail,
    Fixed,
    JobType,
    OnUnknownOutcome,
    Payload,
    Result,
    Snooze,
)
from workerless.backoff import Jitter
from workerless.execution.context import JobContext
from workerless.signals import SoftTimeout


class Task(Payload):
    """What a simulated job is given: a text that no other job has, and how big it is."""

    text: str
    padding: str = ""


class Done(Result):
    """The same."""

    text: str
    padding: str = ""


def said(body: str) -> str:
    """What a body gives its job: a text, the digest of a file, or all that nobody can read."""
    try:
        event = json.loads(body)
    except ValueError:
        return body
    if "dataref" in event:
        return str(event["datadigest"])
    return str(event["data"]["text"] if "specversion" in event else event["text"])


type SimulatedType = JobType[Task, Any]


class Act(StrEnum):
    """What a handler does in one start."""

    SUCCEED = "succeed"
    RAISE = "raise"
    SNOOZE = "snooze"
    SNOOZE_LONG = "snooze long"
    DISCARD = "discard"
    FAIL = "fail"
    KILL = "kill"
    TELL = "tell progress, then succeed"
    STEP = "do a step once, then succeed"
    STEP_AND_RAISE = "do a step once, then raise"
    TAKE_LONG = "take long, then succeed"
    OVERSLEEP = "sleep through its lease, then succeed"
    OVERSLEEP_AND_RAISE = "sleep through its lease, then raise"
    OVERSLEEP_AND_STEP = "sleep through its lease, then do a step"
    OVERSLEEP_AND_TELL = "sleep through its lease, then tell progress"
    TIME_OUT = "run into its soft timeout"
    CHECKPOINT = "keep a checkpoint, then succeed"
    CHECKPOINT_AND_RAISE = "keep a checkpoint, then raise"
    CHECKPOINT_AND_DIE = "keep a checkpoint, then die"
    CHECKPOINT_AND_TIME_OUT = "keep a checkpoint, then run into its soft timeout"
    OVERSLEEP_AND_CHECKPOINT = "sleep through its lease, then keep a checkpoint"
    CONTINUE = "come further, and continue"
    STALL = "continue where it is"
    HEED = "take a while, and heed that it was called off"
    RETURN_NONSENSE = "return what its result is not"


# What long jobs do, beside all else.
LONG = (
    Act.CHECKPOINT,
    Act.CHECKPOINT_AND_RAISE,
    Act.CHECKPOINT_AND_DIE,
    Act.CHECKPOINT_AND_TIME_OUT,
    Act.OVERSLEEP_AND_CHECKPOINT,
    Act.CONTINUE,
    Act.STALL,
)
# What schedules draw from; heeding is for those in which somebody calls jobs off while they run.
EVERYDAY = tuple(act for act in Act if act not in {*LONG, Act.HEED})


@cache
def job_type(
    *,
    attempts: int,
    batch_size: int,
    dead_letter: bool,
    backoff: timedelta,
    on_unknown_outcome: OnUnknownOutcome = OnUnknownOutcome.RETRY,
) -> SimulatedType:
    """Retention is longer than any schedule: what a record said can be checked at the end."""
    return JobType(
        name="task",
        payload=Task,
        result=Done,
        cursor=int,
        retry=Fixed(attempts=attempts, delay=backoff, cap=backoff, jitter=Jitter.FULL),
        timeout=timedelta(seconds=5),
        batch_size=batch_size,
        dead_letter=dead_letter,
        on_unknown_outcome=on_unknown_outcome,
        completed_retention=timedelta(days=400),
        failed_retention=timedelta(days=400),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a handler needs of the process it runs in."""

    elapse: Callable[[timedelta], None]
    die: Callable[[], None]
    oversleep: timedelta


def carry_out(act: Act, payload: Task, job: JobContext, body: Body) -> Any:
    """Do as the script says; what a handler would return or raise."""
    _spend_time(act, body)
    _move(act, job)
    if act in _RAISES:
        raise _RAISES[act]("as scripted")
    match act:
        case Act.KILL | Act.CHECKPOINT_AND_DIE:
            body.die()
        case Act.TELL | Act.OVERSLEEP_AND_TELL | Act.HEED:
            _talk(act, job)
        case Act.STEP | Act.STEP_AND_RAISE | Act.OVERSLEEP_AND_STEP:
            # Whoever ran it first: the note must come back as it was written.
            assert job.once("step", lambda: payload.text) == payload.text
        case Act.RETURN_NONSENSE:
            return "nonsense"
        case _:
            pass
    if act is Act.STEP_AND_RAISE:
        raise RuntimeError("as scripted")
    return Done(text=payload.text, padding=payload.padding)


def _move(act: Act, job: JobContext) -> None:
    """Cursors count up."""
    if act is Act.CONTINUE:
        raise Continue((job.cursor or 0) + 1)
    if act in _CHECKPOINTS:
        job.checkpoint((job.cursor or 0) + 1)


def _talk(act: Act, job: JobContext) -> None:
    match act:
        case Act.TELL:
            job.progress(50, "halfway")
        case Act.HEED:
            job.raise_if_cancelled()
        case _:
            job.progress(90)


def _snooze(_: str) -> Snooze:
    return Snooze(timedelta(seconds=20))


def _snooze_long(_: str) -> Snooze:
    return Snooze(timedelta(hours=12))


_CHECKPOINTS = frozenset(LONG) - {Act.CONTINUE, Act.STALL}


def _stall(_: str) -> Continue:
    return Continue()


_RAISES: Mapping[Act, Callable[[str], BaseException]] = {
    Act.CHECKPOINT_AND_RAISE: RuntimeError,
    Act.CHECKPOINT_AND_TIME_OUT: SoftTimeout,
    Act.STALL: _stall,
    Act.RAISE: RuntimeError,
    Act.OVERSLEEP_AND_RAISE: RuntimeError,
    Act.SNOOZE: _snooze,
    Act.SNOOZE_LONG: _snooze_long,
    Act.DISCARD: Discard,
    Act.FAIL: Fail,
    Act.TIME_OUT: SoftTimeout,
}


def _spend_time(act: Act, body: Body) -> None:
    match act:
        case Act.TAKE_LONG | Act.HEED:
            body.elapse(timedelta(seconds=4))
        case Act.TIME_OUT:
            body.elapse(timedelta(seconds=5))
        case (
            Act.OVERSLEEP
            | Act.OVERSLEEP_AND_RAISE
            | Act.OVERSLEEP_AND_STEP
            | Act.OVERSLEEP_AND_TELL
            | Act.OVERSLEEP_AND_CHECKPOINT
        ):
            body.elapse(body.oversleep)
        case _:
            pass
