"""Finds a Node that the CDK runs on; ``make`` brings one where the machine's is too old."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from workerless.local.errors import LocalCloudError

_OLDEST = 22


def find_node(search_path: str, version_of: Callable[[Path], int]) -> Path:
    """The first ``node`` on the path that is new enough; ``version_of`` tells a major version.

    Raises ``LocalCloudError`` naming those that are not.
    """
    too_old: list[str] = []
    for folder in search_path.split(os.pathsep):
        found = shutil.which("node", path=folder) if folder else None
        if found is None:
            continue
        version = version_of(Path(found))
        if version >= _OLDEST:
            return Path(found)
        too_old.append(f"{found} ({version})")
    raise LocalCloudError(
        f"node must be version {_OLDEST} or newer, got {', '.join(too_old) or 'none on PATH'}; "
        "run `make setup` in the checkout, which brings one"
    )


def major_version(node: Path) -> int:
    """22 for a ``node`` that says ``v22.1.0``, 0 for one that does not run."""
    try:
        said = subprocess.run(  # noqa: S603 -- a program found on PATH
            [node, "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(said.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0
