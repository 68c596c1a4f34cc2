"""Keeps the processes of a container at work, and ends them in time when it is told to.

SIGTERM or SIGINT: nobody takes more; what runs has the grace to finish. Five seconds before its end
those that still run are interrupted and put back, at its end processes are killed.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType

from workerless.container import health
from workerless.errors import WorkerlessError

_LOOK_SECONDS = 0.1
# To write down and put back what is interrupted; half of a grace that is shorter than twice that.
_HURRY_SECONDS = 5.0
# A process that dies again and again must not take the machine with it.
_REST_SECONDS = 1.0

type Start = Callable[[int], subprocess.Popen[bytes]]
"""Starts the process of a slot."""


@dataclass(slots=True, kw_only=True)
class _Slot:
    number: int
    file: Path
    process: subprocess.Popen[bytes] | None = None
    starts_at: float = 0.0


@contextmanager
def leaving_at_sigterm() -> Iterator[None]:
    """End with 0 at SIGTERM while nobody is at work: process 1 of a container would not hear it."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


class Crew:
    """So many processes; ``folder`` is where they say that all is well."""

    def __init__(
        self, start: Start, *, processes: int, folder: Path, tell: Callable[[str], None]
    ) -> None:
        self._start = start
        self._folder = folder
        self._tell = tell
        self._told = False
        folder.mkdir(parents=True, exist_ok=True)
        self._slots = [
            _Slot(number=number, file=folder / f"{number}.until") for number in range(processes)
        ]

    def run(self, *, grace: timedelta) -> None:
        """Until told to stop. Raises ``WorkerlessError`` when a process ends before it is ready."""
        before = {
            number: signal.signal(number, self._hear) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            health.forget_all(self._folder)  # of an earlier container in the same folder
            while not self._told:
                for slot in self._slots:
                    self._see_to(slot)
                time.sleep(_LOOK_SECONDS)
        finally:
            self._end(grace.total_seconds())
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self._told = True

    def _see_to(self, slot: _Slot) -> None:
        if slot.process is None:
            if time.monotonic() >= slot.starts_at:
                health.expect(slot.file, time.time())
                slot.process = self._start(slot.number)
            return
        code = slot.process.poll()
        if code is None:
            return
        _bury(slot.process)
        if not slot.file.exists():
            raise WorkerlessError(
                f"process {slot.number} must be ready before it ends, got exit code {code}; what "
                "it wrote says why"
            )
        slot.process = None
        slot.starts_at = time.monotonic() + (_REST_SECONDS if code else 0.0)
        self._tell(f"process {slot.number} ended with {code}; another follows")

    def _end(self, grace_seconds: float) -> None:
        began = time.monotonic()
        self._send(signal.SIGTERM)
        hurry_after = max(grace_seconds - _HURRY_SECONDS, grace_seconds / 2)
        if not self._gone_by(began + hurry_after):
            self._tell("time is nearly up: what still runs is put back")
            self._send(signal.SIGUSR1)
        if not self._gone_by(began + grace_seconds):
            self._tell("time is up: killed")
            self._send(signal.SIGKILL)
        for slot in self._slots:
            if slot.process is not None:
                slot.process.wait()
                _bury(slot.process)
            slot.file.unlink(missing_ok=True)
        health.forget_all(self._folder)

    def _send(self, number: signal.Signals) -> None:
        for slot in self._slots:
            if slot.process is not None:
                slot.process.send_signal(number)  # none to one that has ended

    def _gone_by(self, moment: float) -> bool:
        while any(slot.process is not None and slot.process.poll() is None for slot in self._slots):
            if time.monotonic() >= moment:
                return False
            time.sleep(_LOOK_SECONDS)
        return True


def _bury(process: subprocess.Popen[bytes]) -> None:
    """End what a process that has ended left behind, as Lambda would: programs of its handler.

    Its group is its own (``start_new_session``); where it is not, nobody is in a group of that id.
    """
    with suppress(ProcessLookupError, PermissionError):  # nobody left; or only what is no more ours
        os.killpg(process.pid, signal.SIGKILL)
