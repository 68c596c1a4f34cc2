"""The processes of a container, real ones: started, replaced, ended in time."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from workerless.container import health
from workerless.container.crew import Crew
from workerless.errors import WorkerlessError
from workerless.local.process import find, wait_until

_READY = "import pathlib, signal, sys, time; f = pathlib.Path(sys.argv[1]);"
_IDLE = "f.write_text('9e9'); time.sleep(30)"
_DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN);"


class Ship:
    """A crew whose processes run ``code``, and what it told."""

    def __init__(self, folder: Path, code: str, *, processes: int = 2) -> None:
        self.folder, self.code = folder, code
        self.begun: list[subprocess.Popen[bytes]] = []
        self.told: list[str] = []
        self.crew = Crew(self.start, processes=processes, folder=folder, tell=self.told.append)

    def start(self, slot: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-S", "-c", _READY + self.code]
        command.append(str(self.folder / f"{slot}.until"))
        self.begun.append(subprocess.Popen(command, start_new_session=True))
        return self.begun[-1]

    def run_until(self, holds: Callable[[], bool], *, grace: float) -> float:
        """Run, SIGTERM once it holds; how many seconds the end took."""
        at: list[float] = []

        def watch() -> None:
            wait_until(holds, seconds=20)
            at.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGTERM)

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.crew.run(grace=timedelta(seconds=grace))
        watcher.join()
        return time.monotonic() - at[0]

    def spoken(self) -> int:
        return len(list(self.folder.glob("*.until")))


def test_sigterm_ends_all_who_obey_at_once(tmp_path: Path) -> None:
    ship = Ship(tmp_path, _IDLE)

    took = ship.run_until(lambda: ship.spoken() == 2, grace=20)

    assert [one.returncode for one in ship.begun] == [-signal.SIGTERM] * 2
    assert took < 10
    assert ship.spoken() == 0


def test_who_does_not_end_is_hurried_and_then_killed(tmp_path: Path) -> None:
    deaf = f"{_DEAF} signal.signal(signal.SIGUSR1, lambda *_: None); {_IDLE}"
    ship = Ship(tmp_path, deaf, processes=1)

    ship.run_until(lambda: ship.spoken() == 1, grace=0.6)

    assert [one.returncode for one in ship.begun] == [-signal.SIGKILL]
    assert ship.told == ["time is nearly up: what still runs is put back", "time is up: killed"]


def test_process_that_ends_is_followed_by_another(tmp_path: Path) -> None:
    ship = Ship(tmp_path, "f.write_text('9e9')", processes=1)

    ship.run_until(lambda: len(ship.begun) >= 3, grace=5)

    assert ship.told[0] == "process 0 ended with 0; another follows"


@pytest.mark.parametrize("ends", ["sys.exit(1)", "time.sleep(30)"], ids=["dies", "is told to"])
def test_what_a_process_left_behind_ends_with_it(tmp_path: Path, ends: str) -> None:
    starts = "import subprocess; left = subprocess.Popen(['sleep', '60']); name = str(left.pid);"
    ready = "(f.parent / name).with_suffix('.left').touch(); f.write_text('9e9');"
    ship = Ship(tmp_path, f"{starts} {ready} {ends}", processes=1)

    ship.run_until(lambda: bool(ship.told) or ("exit" not in ends and ship.spoken() == 1), grace=5)

    left = [int(one.stem) for one in tmp_path.glob("*.left")]
    assert left
    assert wait_until(lambda: not any(map(find, left)), seconds=10)


def test_process_that_ends_before_it_is_ready_ends_the_container(tmp_path: Path) -> None:
    ship = Ship(tmp_path, "sys.exit(3)", processes=1)

    with pytest.raises(WorkerlessError, match=r"process 0 must be ready .* got exit code 3"):
        ship.crew.run(grace=timedelta(seconds=1))


def test_health_is_the_word_of_every_process(tmp_path: Path) -> None:
    assert health.silent(tmp_path, now=0) == [f"{tmp_path}: no process has spoken"]

    for slot in range(2):
        health.expect(tmp_path / f"{slot}.until", now=0)
    health.speak(tmp_path / "0.until", 10, now=100)
    health.speak(tmp_path / "1.until", 50, now=100)

    assert health.silent(tmp_path, now=110) == []
    assert health.silent(tmp_path, now=111) == ["0: silent"]


def test_who_begins_has_five_minutes_to_speak(tmp_path: Path) -> None:
    health.speak(tmp_path / "0.until", 9_000, now=100)  # of the one before
    health.expect(tmp_path / "0.until", now=100)

    assert health.silent(tmp_path, now=400) == []
    assert health.silent(tmp_path, now=401) == ["0: silent"]


def test_who_follows_and_never_begins_is_silent(tmp_path: Path) -> None:
    health.expect(tmp_path / "9.until", now=0)  # of a container that was killed
    first = "here = f.parent / (f.stem + '.first'); begun = here.exists(); here.touch();"
    ship = Ship(tmp_path, f"{first} begun and time.sleep(30); f.write_text('9e9')")
    seen: list[list[str]] = []

    def both_followed() -> bool:
        if len(ship.begun) < 4:
            return False
        seen.append(health.silent(tmp_path, now=time.time() + 301))
        return True

    ship.run_until(both_followed, grace=5)

    assert seen == [["0: silent", "1: silent"]]
    assert health.silent(tmp_path, now=0) == [f"{tmp_path}: no process has spoken"]
