"""All tests as ``make test`` runs them: those that wait for clouds beside those that compute.

Each part is a pytest of its own, in random order. What they print comes line by line under their
names, how they ended once more at the end, and coverage is judged once, of all together.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
_TELLING = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Folders of tests that run together; without any, all that no other part has.

    ``nice`` is the shell's: what only computes takes the time that the others leave.
    """

    folders: tuple[str, ...] = ()
    nice: int = 0
    is_measured: bool = True

    def command(self, parts: Mapping[str, "Part"]) -> list[str]:
        """Its pytest; ``parts`` are all there are."""
        others = [folder for part in parts.values() for folder in part.folders]
        chosen = self.folders or ("tests", *(f"--ignore={folder}" for folder in others))
        measured = ("--cov", "--cov-report=", "--cov-fail-under=0") if self.is_measured else ()
        niced = ["nice", "-n", str(self.nice), sys.executable]
        return [*niced, "-m", "pytest", *chosen, *measured]


PARTS = {
    "clouds": Part(folders=("tests/e2e", "tests/chaos")),
    # Being measured doubles their time, and what they reach is reached by others too.
    "laws": Part(folders=("tests/property", "tests/simulation"), nice=10, is_measured=False),
    "others": Part(nice=10),
}


class Run:
    """A part at work, in a session of its own: Ctrl-C reaches it through us, and once."""

    def __init__(self, name: str, command: list[str], root: Path, data: Path) -> None:
        self._name = name
        self._ended: list[str] = []
        self._process = subprocess.Popen(
            command,
            cwd=root,
            env=os.environ | {"COVERAGE_FILE": str(data / f".coverage.{name}")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = Thread(target=self._read)
        self._reader.start()

    def wait(self) -> None:
        """Until all that it says is told."""
        self._reader.join()
        self._process.wait()

    def interrupt(self) -> None:
        """Its fixtures still end the clouds that they began."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def tell_end(self) -> bool:
        """Once more what failed, and how many did not; whether all is well."""
        for line in self._ended:
            _tell(self._name, line)
        return self._process.returncode == 0

    def _read(self) -> None:
        last = ""
        for line in self._process.stdout or ():
            last = line.rstrip()
            _tell(self._name, last)
            if last.startswith(("FAILED ", "ERROR ")):
                self._ended.append(last)
        self._ended.append(last)


def run(parts: Mapping[str, Part], root: Path) -> int:
    """0 when every part ended well, and the coverage of all of them is what it must be."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        runs = [Run(name, part.command(parts), root, data) for name, part in parts.items()]
        if _wait(runs):
            return INTERRUPTED
        is_covered = _is_covered(root, data)
    ended_well = [one.tell_end() for one in runs]
    return 0 if is_covered and all(ended_well) else 1


def _wait(runs: list[Run]) -> bool:
    """Until all have ended; whether that was asked of them."""
    interrupted = False
    left = list(runs)
    while left:
        try:
            left[0].wait()
            left.pop(0)
        except KeyboardInterrupt:
            interrupted = True
            for one in left:
                one.interrupt()
    return interrupted


def _is_covered(root: Path, data: Path) -> bool:
    return all(
        subprocess.run([sys.executable, "-m", "coverage", *words], cwd=root, check=False).returncode
        == 0
        for words in (("combine", "-q", str(data)), ("report",))
    )


def _tell(name: str, line: str) -> None:
    with _TELLING:
        print(f"{name} | {line}", flush=True)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Whoever ends a build ends it so; what is in the background of a script ignores the other.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    sys.exit(run(PARTS, ROOT))
