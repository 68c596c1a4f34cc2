"""Whether the processes of a container still turn: ``python -m workerless.container.health``.

Each says until when it will have spoken again, in a file of its own: twice the time that what it is
about to do may take. Loads nothing but the standard library, as it runs twice a minute.
"""

import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / "workerless-worker"
_EXPECTED = ".expected"
# For its imports and its ``on_init``: some load models that take minutes.
_BEGIN_SECONDS = 300.0


def speak(file: Path, seconds: float, now: float) -> None:
    """Say that all is well for so many seconds. Whoever reads at that moment finds no half file."""
    fresh = file.with_suffix(".new")
    fresh.write_text(str(now + seconds))
    fresh.replace(file)


def expect(file: Path, now: float) -> None:
    """Say that somebody begins who shall speak in ``file``, in time."""
    file.unlink(missing_ok=True)
    speak(file.with_suffix(_EXPECTED), _BEGIN_SECONDS, now)


def forget_all(folder: Path) -> None:
    """Nobody shall speak any more."""
    for one in folder.glob(f"*{_EXPECTED}"):
        one.unlink()


def silent(folder: Path, now: float) -> list[str]:
    """What is wrong; nothing, if each of them is heard."""
    expected = sorted(folder.glob(f"*{_EXPECTED}"))
    if not expected:
        return [f"{folder}: no process has spoken"]
    return [f"{one.stem}: silent" for one in expected if _until(one) < now]


def _until(expected: Path) -> float:
    word = expected.with_suffix(".until")
    return float((word if word.exists() else expected).read_text())


if __name__ == "__main__":
    sys.exit("\n".join(silent(FOLDER, time.time())) or 0)
