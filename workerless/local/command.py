"""Runs a long command, its output in a log and line by line in somebody's hands."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from workerless.local import process
from workerless.local.errors import LocalCloudError

_LOG_LINES = 15


def _nobody(_line: str) -> None:
    """Reads nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to run in ``folder`` with nothing but ``environ``; ``on_line`` sees its output."""

    words: Sequence[str]
    folder: Path
    environ: Mapping[str, str]
    log: Path
    on_line: Callable[[str], None] = field(default=_nobody)

    def run(self) -> None:
        """Raises ``LocalCloudError`` with the end of the log unless it succeeds.

        Whoever interrupts us ends it too, with the processes it started.
        """
        started: list[subprocess.Popen[str]] = []
        try:
            # In a thread, as only the main one is interrupted: a child that is interrupted while it
            # starts would be nobody's.
            with ThreadPoolExecutor(max_workers=1) as starter:
                starter.submit(lambda: started.append(self._start())).result()
            with self.log.open("w", encoding="utf-8") as log:
                for line in started[0].stdout or ():
                    log.write(line)
                    self.on_line(line)
        except BaseException:
            for child in started:
                process.end_group(child.pid, grace_seconds=1)
            raise
        finally:
            for child in started:
                with child:  # waits for it
                    pass
        if started[0].returncode:
            raise LocalCloudError(
                f"{self.log.stem} failed with exit code {started[0].returncode}; "
                f"the end of {self.log}:\n{tail(self.log)}"
            )

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 -- our own command
            self.words,
            cwd=self.folder,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )


def tail(log: Path) -> str:
    """The last lines of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:])
