"""``python -m demo.walkthrough``: the walk through of docs/operations.md.

In a copy of the checkout, on a local cloud of its own, which is ended with all that was made.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from demo import interruption
from demo.expectation import UnmetExpectation
from demo.page import shown, steps, take
from demo.screen import Screen
from workerless.local import credentials
from workerless.local.cloud import DIRECTORY_VARIABLE, local_cloud

_CHECKOUT = Path(__file__).resolve().parents[1]
_HEADING = "A walk through five hundred dead jobs"
_COPIED = ("infra", "requirements", "workerless", "functions")
_SHARED = (".build", ".tools", "node_modules")
_INTERRUPTED = 130


def main() -> int:
    """The exit code: 0 when everything was as the page says."""
    interruption.listen()
    screen = Screen()
    try:
        with tempfile.TemporaryDirectory(prefix="workerless-walk-") as folder:
            _walk(screen, Path(folder))
    except UnmetExpectation as unmet:
        screen.fail(f"not as the page says\n{unmet}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _walk(screen: Screen, folder: Path) -> None:
    root, directory = folder / "checkout", folder / "cloud"
    _copy(root)
    environ = {
        **credentials.without_aws(os.environ),
        DIRECTORY_VARIABLE: str(directory),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    screen.heading(_HEADING)
    try:
        for step in steps((_CHECKOUT / "docs" / "operations.md").read_text("utf-8"), _HEADING):
            for line in shown(step):
                screen.tell("", line)
            with screen.live("at work"):
                output = take(step, root, environ)
            for line in output.splitlines():
                screen.tell("", f"  {line}")
    finally:
        local_cloud(root, environ).down()


def _copy(root: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in _COPIED:
        shutil.copytree(_CHECKOUT / name, root / name, ignore=ignore)
    for name in _SHARED:
        (_CHECKOUT / name).mkdir(exist_ok=True)
        (root / name).symlink_to(_CHECKOUT / name)
    for name in ("cdk.json", "pyproject.toml"):
        shutil.copy(_CHECKOUT / name, root)


if __name__ == "__main__":
    sys.exit(main())
