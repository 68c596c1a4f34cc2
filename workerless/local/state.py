"""What a checkout remembers of its running local cloud: one small file below its directory."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workerless.local.process import Process, find

_FILE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The emulator that was started; ``started`` and ``command`` tell if ``pid`` is still it."""

    pid: int
    started: str
    command: str
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def remember(directory: Path, process: Process, port: int) -> Running:
    """Write it down, at once or not at all."""
    running = Running(pid=process.pid, started=process.started, command=process.command, port=port)
    file = directory / _FILE
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(running), indent=1) + "\n", encoding="utf-8")
    fresh.replace(file)
    return running


def recall(directory: Path) -> Running | None:
    """The emulator, None when there is none: never started, ended, or its id is another's now."""
    try:
        running = Running(**json.loads((directory / _FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    process = find(running.pid)
    if process is None or (process.started, process.command) != (running.started, running.command):
        return None
    return running


def forget(directory: Path) -> None:
    """Nothing runs any more."""
    (directory / _FILE).unlink(missing_ok=True)
