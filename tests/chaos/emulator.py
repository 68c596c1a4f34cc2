"""A local cloud of the tests' own, which keeps its state when it is ended and started again.

The one of ``workerless local`` starts empty each time, on purpose.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workerless.local import emulator, process, runtime, start, state, wire
from workerless.local.errors import LocalCloudError

_HOST = "127.0.0.1"
# All rows and messages of a nightly run are written down before it ends.
_GRACE_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Emulator:
    """One emulator in ``directory``, on one port for all its lives."""

    directory: Path
    functions_python: Path
    port: int
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def endpoint(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def start(self) -> state.Running:
        with (self.directory / "emulator.log").open("ab") as log:
            self._child = child = subprocess.Popen(
                [sys.executable, "-P", emulator.__file__, str(self.functions_python)],
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert process.wait_until(self._is_ready, seconds=30), "see emulator.log"
        found = process.find(child.pid)
        assert found is not None
        return state.remember(self.directory, found, self.port)

    def end(self) -> None:
        """As ``kill`` does, functions included."""
        if self._child is not None:
            process.end_group(self._child.pid, grace_seconds=_GRACE_SECONDS)
            self._child.wait()
            self._child = None

    def _is_ready(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, "it ended; see emulator.log"
        try:
            wire.get(self.port, "/_ministack/ready")
        except LocalCloudError:
            return False
        return True

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory / "tmp"),
            "STATE_DIR": str(self.directory / "state"),
            "S3_DATA_DIR": str(self.directory / "s3"),
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "BIND_HOST": _HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": _HOST,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PYTHONUNBUFFERED": "1",
        }


@contextmanager
def emulated(directory: Path) -> Iterator[Emulator]:
    """One to start; in the end it is ended with everything it started."""
    (directory / "tmp").mkdir()
    one = Emulator(
        directory=directory,
        functions_python=runtime.build(directory / "runtime"),
        port=start.free_port(0),
    )
    try:
        yield one
    finally:
        one.end()
