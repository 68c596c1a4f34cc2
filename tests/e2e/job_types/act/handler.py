"""The deeds."""

import os
import tempfile
import time
from pathlib import Path
from typing import cast

from functions.act.job import Act, Acted, act

from workerless import Discard, Fail
from workerless.execution.context import JobContext
from workerless.worker import worker


class Grave(BaseException):
    """Not an ``Exception``: it slips through most handlers' nets."""


def perform(payload: Act, job: JobContext) -> Acted:
    """Does what the payload says."""
    if payload.deed == "raise_once" and job.attempt == 1:
        raise RuntimeError("as told, once")
    if payload.deed == "step":
        return _in_two_steps(job)
    _refuse(payload)
    _misbehave(payload)
    if payload.deed == "wrong_result":
        return cast("Acted", object())
    text = str(os.getpid()) if payload.deed == "tell_pid" else payload.text
    return Acted(text=text, attempt=job.attempt)


def _in_two_steps(job: JobContext) -> Acted:
    first = job.once("first", lambda: f"done in attempt {job.attempt}")
    if job.attempt == 1:
        raise RuntimeError("as told, between two steps")
    return Acted(text=first, attempt=job.attempt)


def _refuse(payload: Act) -> None:
    match payload.deed:
        case "raise":
            raise RuntimeError(f"as told: {payload.hushed}")
        case "discard":
            raise Discard("not wanted")
        case "fail":
            raise Fail("never works")
        case "base_exception":
            raise Grave
        case "system_exit":
            raise SystemExit(3)


def _misbehave(payload: Act) -> None:
    match payload.deed:
        case "loop":
            while True:
                pass
        case "recurse":
            _misbehave(payload)
        case "sleep":
            time.sleep(1.5)


def leave() -> None:
    """Leave a sign, for whoever ended this process."""
    (Path(tempfile.gettempdir()) / f"left-{os.getpid()}").touch()


handler = worker(act, on_shutdown=leave)(perform)
