"""Runs a long command, its output in a log and line by line in somebody's hands."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
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
        child = subprocess.Popen(  # noqa: S603 -- our own command
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
        with child, self.log.open("w", encoding="utf-8") as log:
            try:
                for line in child.stdout or ():
                    log.write(line)
                    self.on_line(line)
            except BaseException:
                process.end_group(child.pid, grace_seconds=1)
                raise
        if child.returncode:
            raise LocalCloudError(
                f"{self.log.stem} failed with exit code {child.returncode}; "
                f"the end of {self.log}:\n{tail(self.log)}"
            )


def tail(log: Path) -> str:
    """The last lines of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:])
