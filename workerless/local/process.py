"""Processes by id, told apart from later ones that got the same id."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workerless.local.errors import LocalCloudError

_PROC = Path("/proc")
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One living process. ``pid`` and ``started`` (as the system writes it) name it for good."""

    pid: int
    group: int
    started: str
    command: str


def find(pid: int) -> Process | None:
    """The process, None when it is gone or a zombie."""
    return next((process for process in _living() if process.pid == pid), None)


def members(group: int) -> list[Process]:
    """The living processes of a process group."""
    return [process for process in _living() if process.group == group]


def end_group(group: int, *, grace_seconds: float) -> None:
    """End every process of the group: ask first, then kill. Returns when all are gone.

    Raises ``LocalCloudError`` naming the processes that outlive even that.
    """
    for number, patience in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        except PermissionError:  # macOS says this of a group of zombies
            pass
        if wait_until(lambda: not members(group), seconds=patience):
            return
    left = ", ".join(str(process.pid) for process in members(group))
    raise LocalCloudError(f"processes {left} did not end when killed; end them by hand")


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Whether ``holds()`` became true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _living() -> list[Process]:
    """Linux without ``ps`` is common (slim images), macOS without ``/proc`` is the rule."""
    if (_PROC / "self" / "stat").exists():
        found = [_from_proc(entry) for entry in _PROC.iterdir() if entry.name.isdigit()]
        return [process for process in found if process]
    listing = subprocess.run(
        ["/bin/ps", "-A", "-ww", "-o", "pid=,pgid=,stat=,lstart=,command="],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C"},
    ).stdout
    return [process for line in listing.splitlines() if (process := from_ps_line(line))]


def _from_proc(entry: Path) -> Process | None:
    try:
        # "4711 (any (name)) S 1 4711 ...": fields count from behind the name, start time is 22nd.
        state, _, group, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None  # gone while we looked
    if state in "ZX":
        return None
    return Process(pid=int(entry.name), group=int(group), started=rest[16], command=command.strip())


def from_ps_line(line: str) -> Process | None:
    """The process of one line of ``ps``, None for a zombie."""
    # pid, group, state, five words of start time, command line
    pid, group, state, *rest = line.split(None, 8)
    if state.startswith("Z"):
        return None
    return Process(pid=int(pid), group=int(group), started=" ".join(rest[:5]), command=rest[5])
