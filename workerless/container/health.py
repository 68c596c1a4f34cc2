"""Whether the processes of a container still turn: ``python -m workerless.container.health``.

Each says until when it will have spoken again, in a file of its own: twice the time that what it is
about to do may take. Loads nothing but the standard library, as it runs twice a minute.
"""

import math
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / "workerless-worker"
_EXPECTED = ".expected"


def speak(file: Path, seconds: float, now: float) -> None:
    """Say that all is well for so many seconds. Whoever reads at that moment finds no half file."""
    fresh = file.with_suffix(".new")
    fresh.write_text(str(now + seconds))
    fresh.replace(file)


def expect(file: Path) -> None:
    """Say that somebody shall speak in ``file``: one that never does is silent, too."""
    file.with_suffix(_EXPECTED).touch()


def forget_all(folder: Path) -> None:
    """Nobody shall speak any more."""
    for one in folder.glob(f"*{_EXPECTED}"):
        one.unlink()


def silent(folder: Path, now: float) -> list[str]:
    """What is wrong; nothing, if each of them is heard."""
    expected = sorted(folder.glob(f"*{_EXPECTED}"))
    if not expected:
        return [f"{folder}: no process has spoken"]
    return [f"{one.stem}: silent" for one in expected if _until(one.with_suffix(".until")) < now]


def _until(file: Path) -> float:
    return float(file.read_text()) if file.exists() else -math.inf


if __name__ == "__main__":
    sys.exit("\n".join(silent(FOLDER, time.time())) or 0)
