"""The checkout a command runs in: what it declares, and where its local cloud is."""

from pathlib import Path
from typing import Any

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.discovery import Found, discover
from workerless.job_type import JobType


def find_checkout(folder: Path) -> Path | None:
    """The nearest folder upwards that holds ``functions/`` and ``cdk.json``."""
    for candidate in (folder, *folder.parents):
        if (candidate / "functions").is_dir() and (candidate / "cdk.json").is_file():
            return candidate
    return None


def need_checkout(folder: Path) -> Path:
    """Raises ``CommandError`` outside of one."""
    root = find_checkout(folder)
    if root is None:
        raise CommandError(
            "the working directory must be in a checkout (a folder with functions/ and cdk.json), "
            f"got {folder}"
        )
    return root


def declared(folder: Path, name: str) -> JobType[Any, Any]:
    """The job type that the checkout declares under ``name``. Raises ``CommandError``."""
    return declaration(folder, name).job_type


def declaration(folder: Path, name: str) -> Found:
    """The same, and where it is declared."""
    found = {one.job_type.name: one for one in discover(need_checkout(folder))}
    if name not in found:
        raise CommandError(
            f"type must be one of {', '.join(sorted(found)) or 'none yet'}, got {name!r}; "
            "`workerless new` makes one",
            ExitCode.NOT_FOUND,
        )
    return found[name]
