"""The local cloud of a checkout: up, down, status."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workerless.local import credentials, start, state
from workerless.local.deploy import Deployment, Tell
from workerless.local.errors import LocalCloudError, NotRunningError
from workerless.local.seed import seed
from workerless.local.state import Running

# Where a checkout keeps its cloud; the variable is for a second one beside it.
DIRECTORY = ".local"
DIRECTORY_VARIABLE = "WORKERLESS_LOCAL_DIRECTORY"

type Deploy = Callable[[Running, Tell], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCloud:
    """The cloud that keeps its state, logs and files in ``directory``.

    ``up`` leaves a cloud with all stacks deployed, or nothing that it started.
    """

    directory: Path
    environ: Mapping[str, str]
    deploy: Deploy

    def up(self, *, port: int, tell: Tell) -> Running:
        """Start it unless it runs, and deploy. ``port`` is a wish: a taken one is replaced.

        Raises ``RealCredentialsError`` before it does anything, ``LocalCloudError`` for the rest.
        """
        credentials.refuse_real(self.environ)
        self._make_directory()
        with self._alone():
            running = state.recall(self.directory)
            if running is not None:
                tell(f"already running on port {running.port}, deploying again")
                self.deploy(running, tell)
                return running
            return self._fresh(port, tell)

    def down(self) -> Running | None:
        """End it and all its functions; returns what was running, None when nothing was."""
        if not self.directory.exists():
            return None
        with self._alone():
            running = state.recall(self.directory)
            if running is None:
                state.forget(self.directory)
                return None
            start.end(self.directory, running)
            return running

    def running(self) -> Running:
        """Raises ``NotRunningError``."""
        running = state.recall(self.directory)
        if running is None:
            raise NotRunningError("the local cloud is not running; run `workerless local up`")
        return running

    def _fresh(self, wanted: int, tell: Tell) -> Running:
        port = start.free_port(wanted)
        if wanted not in (0, port):
            tell(f"port {wanted} is taken, using {port}")
        running = start.start(self.directory, port)
        try:
            seed(running.port)
            self.deploy(running, tell)
        except BaseException:
            # The emulator keeps nothing on disk, so there is nothing in it to come back to.
            start.end(self.directory, running)
            raise
        return running

    def _make_directory(self) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalCloudError(
                f"{self.directory} must be a folder that can be written to: {error}; "
                f"remove what is there, or name another one in {DIRECTORY_VARIABLE}"
            ) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands at once would start two emulators and know of one."""
        with (self.directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LocalCloudError(
                    f"another command is starting or ending the local cloud in {self.directory}; "
                    "try again when it is done"
                ) from error
            yield


def local_cloud(root: Path, environ: Mapping[str, str]) -> LocalCloud:
    """The cloud of the checkout ``root``."""
    directory = root / (environ.get(DIRECTORY_VARIABLE) or DIRECTORY)

    def deploy(running: Running, tell: Tell) -> None:
        Deployment(
            root=root, directory=directory, running=running, environ=environ, tell=tell
        ).run()

    return LocalCloud(directory=directory, environ=environ, deploy=deploy)
